/** The text of a creator's public page, and whether it can be seen. */
import { createForm } from '../ui/form.js';
import { badge, button, card } from '../ui/parts.js';
import type { DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { act, type Me } from './tab.js';

export type BioPage = NonNullable<DataOf<'/creators/profile', 'get'>['bioPage']>;

export function createBio({ app, account }: Me, refresh: () => Promise<void>): (page: BioPage) => TemplateResult {
  const params = { creatorId: account.creatorId ?? '' };
  const form = createForm(app, async ({ bio = '' }) => {
    await app.client.patch('/creators/{creatorId}/bio', { params, body: { bio: bio.trim() === '' ? null : bio } });
    await refresh();
    app.tell({ tone: 'good', text: 'Saved. Your page shows it.' });
  });
  const publish = (published: boolean) =>
    act(app, published ? 'Your page can be seen.' : 'Nobody can see your page now.', async () => {
      await app.client.patch('/creators/{creatorId}/bio', { params, body: { published } });
      await refresh();
    });
  return ({ bio, published }) =>
    card(
      { title: 'About you', aside: published ? badge('Public', 'good') : badge('Hidden') },
      form.view({
        action: 'Save',
        fields: [{ name: 'bio', label: 'Bio', value: bio ?? '', lines: 4, maxlength: 5_000 }],
        beside: html`${button({
          text: published ? 'Hide the page' : 'Publish the page',
          kind: 'quiet',
          onClick: () => void publish(!published),
        })}
        ${
          published && account.username !== null
            ? html`<a href="/${account.username}" target="_blank" rel="noopener">See the page</a>`
            : nothing
        }`,
      }),
    );
}
