/** Finds a creator by name, shows who she is and what a message costs, and sends one. */
import { createIntent } from '../app/intent.js';
import { money } from '../app/format.js';
import { createResource } from '../app/resource.js';
import { createForm } from '../ui/form.js';
import { badge, card, failure, skeleton } from '../ui/parts.js';
import { ApiError, type DataOf } from '../vendor/client.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { priceText } from './price.js';
import type { Me } from './tab.js';

type Bio = DataOf<'/bio/{username}', 'get'>;

export function createCompose({ app, account, query }: Me, refresh: () => Promise<void>) {
  const intent = createIntent();
  let username = query.get('to') ?? '';
  /** What the next message costs by what is known; null until the server says otherwise than the page of the creator. */
  let priceNow: string | null = null;
  const found = createResource(app, (signal) => app.client.get('/bio/{username}', { params: { username }, signal }));
  if (username !== '') void found.load();

  const search = createForm(app, async ({ who = '' }) => {
    username = who.trim().replace(/^@/, '');
    priceNow = null;
    search.fill('who', username);
    await found.load();
  });

  const message = createForm(app, async ({ content = '' }) => {
    const { creatorId, dmType } = found.data as Bio;
    const body = { creatorId, dmType: dmType ?? 'FREE', content, expectedPrice: priceOf(found.data as Bio) };
    try {
      await intent.once(body, (idempotencyKey) => app.client.post('/messages', { body, idempotencyKey }));
    } catch (error) {
      // Said in the form; sent again, it is sent at that price.
      if (error instanceof ApiError && error.i18nKey === 'message.send.error.price_changed')
        priceNow = String(error.i18nVars.price);
      throw error;
    }
    app.tell({ tone: 'good', text: 'Your message is sent. The answer appears here.' });
    await refresh();
  });

  const priceOf = ({ dmType, dmPrice }: Bio) => priceNow ?? (dmType === 'FREE' ? '0.00' : (dmPrice ?? '0.00'));

  function result(): TemplateResult | typeof nothing {
    const { data, error, isLoading } = found;
    if (isLoading) return skeleton(3);
    if (error instanceof ApiError && error.status === 404)
      return html`<p role="status">
        There is no page of “${username}”. Names are written as in the address of a page, without spaces.
      </p>`;
    if (error !== undefined) return failure(error, () => void found.load());
    return data === undefined ? nothing : creator(data);
  }

  function creator(bio: Bio): TemplateResult {
    const name = bio.displayName ?? bio.username ?? 'This creator';
    return html`<section class="person" aria-label=${name}>
      <p>
        <b>${name}</b> <span class="quiet">@${bio.username}</span>
        ${bio.dmActive && bio.dmType !== null ? badge(priceText(bio.dmType, bio.dmPrice), 'accent') : badge('Takes no messages now', 'warn')}
        ${bio.categories.map(({ name: category }) => badge(category))}
      </p>
      ${bio.bio === null ? nothing : html`<p class="text">${bio.bio}</p>`}
      ${
        bio.links.length === 0
          ? nothing
          : html`<p class="row small">
              ${bio.links.map(({ title, id }) => html`<a href="/go/${id}" target="_blank" rel="noopener">${title}</a>`)}
            </p>`
      }
      ${writing(bio, name)}
    </section>`;
  }

  function writing(bio: Bio, name: string): TemplateResult {
    if (bio.creatorId === account.creatorId) return html`<p class="quiet">That is you.</p>`;
    if (!bio.dmActive || bio.dmType === null)
      return html`<p class="quiet">${name} has switched messages off, or is on vacation. Look again later.</p>`;
    const price = priceOf(bio);
    const paid = 'Held until it is answered; you get it back if it is not.';
    return message.view({
      action: price === '0.00' ? 'Send for free' : `Send for ${money(price)}`,
      fields: [
        {
          ...{ name: 'content', label: `Your message to ${name}`, lines: 4, maxlength: 2_000, isRequired: true },
          hint: price === '0.00' ? undefined : paid,
        },
      ],
    });
  }

  return {
    stop: found.stop,
    view: () =>
      card(
        { title: 'Write to a creator' },
        html`${search.view({
          action: 'Find',
          kind: 'secondary',
          fields: [
            {
              ...{ name: 'who', label: "A creator's name", value: username, maxlength: 100, isRequired: true },
              ...{ autocomplete: 'off', placeholder: 'alice123' },
            },
          ],
        })}
        ${result()}`,
      ),
  };
}
