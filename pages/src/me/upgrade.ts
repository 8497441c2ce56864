/** From fan to creator. */
import { createForm } from '../ui/form.js';
import { card } from '../ui/parts.js';
import { html, type TemplateResult } from '../vendor/lit.js';
import type { Me } from './tab.js';

export function createUpgrade({ app, account, reload }: Me): () => TemplateResult {
  const form = createForm(app, async ({ displayName = '', bio = '', username = '' }) => {
    const body = {
      displayName,
      ...(bio.trim() !== '' && { bio }),
      ...(username.trim() !== '' && { username: username.trim() }),
    };
    await app.client.post('/creators/upgrade', { body });
    app.tell({ tone: 'good', text: 'You are a creator now. Switch your messages on, and set a price.' });
    app.go('/me/page');
    await reload();
  });
  return () =>
    card(
      { title: 'Become a creator' },
      html`<p class="quiet">A page of your own, and fans who pay for your answers. You stay a fan as well.</p>
        ${form.view({
          action: 'Become a creator',
          kind: 'secondary',
          fields: [
            {
              ...{ name: 'displayName', label: 'Name on your page', value: account.displayName ?? '' },
              ...{ maxlength: 100, isRequired: true, autocomplete: 'name' },
            },
            ...(account.username === null
              ? [
                  {
                    ...{ name: 'username', label: 'Username', maxlength: 100, isRequired: true, autocomplete: 'off' },
                    hint: 'In the address of your page.',
                  },
                ]
              : []),
            { name: 'bio', label: 'About you (optional)', lines: 3, maxlength: 500 },
          ],
        })}`,
    );
}
