/** The links of a creator's public page: add, edit, order, switch off, remove. */
import { count } from '../app/format.js';
import { ask } from '../ui/dialog.js';
import type { FieldOptions } from '../ui/field.js';
import { badge, button, card, empty } from '../ui/parts.js';
import { html, nothing, repeat, type TemplateResult } from '../vendor/lit.js';
import type { BioPage } from './bio.js';
import { act, type Me } from './tab.js';

type Link = BioPage['links'][number];

const fieldsFor = (link?: Link): readonly FieldOptions[] => [
  { name: 'title', label: 'Title', value: link?.title ?? '', maxlength: 100, isRequired: true },
  {
    ...{ name: 'url', label: 'Address', type: 'url', value: link?.url ?? '', maxlength: 2_048, isRequired: true },
    placeholder: 'https://',
  },
];

export function createLinks({ app, account }: Me, refresh: () => Promise<void>): (page: BioPage) => TemplateResult {
  const params = { creatorId: account.creatorId ?? '' };
  let isMoving = false;

  const add = () =>
    ask({
      ...{ title: 'Add a link', action: 'Add', fields: fieldsFor() },
      act: async ({ values: { title = '', url = '' } }) => {
        await app.client.post('/creators/{creatorId}/links', { params, body: { title, url } });
        await refresh();
      },
    });
  const edit = (link: Link) =>
    ask({
      ...{ title: 'Edit the link', action: 'Save', fields: fieldsFor(link) },
      act: async ({ values: { title = '', url = '' } }) => {
        await app.client.patch('/creators/links/{linkId}', { params: { linkId: link.id }, body: { title, url } });
        await refresh();
      },
    });
  const remove = (link: Link) =>
    ask({
      title: 'Remove this link?',
      body: html`<p>
        “${link.title}” was followed ${count(link.clickCount)} times. To keep that, switch it off instead.
      </p>`,
      action: 'Remove',
      isDangerous: true,
      act: async () => {
        await app.client.delete('/creators/links/{linkId}', { params: { linkId: link.id } });
        await refresh();
      },
    });
  const show = (link: Link, active: boolean) =>
    act(app, active ? 'The link is on the page.' : 'The link is off the page.', async () => {
      await app.client.patch('/creators/links/{linkId}', { params: { linkId: link.id }, body: { active } });
      await refresh();
    });
  async function move(links: readonly Link[], from: number, by: 1 | -1): Promise<void> {
    const linkIds = links.map(({ id }) => id);
    linkIds.splice(from + by, 0, ...linkIds.splice(from, 1));
    isMoving = true;
    app.redraw();
    try {
      await app.client.post('/creators/{creatorId}/links/reorder', { params, body: { linkIds } });
      await refresh();
    } catch (error) {
      app.fail(error);
    }
    isMoving = false;
    app.redraw();
  }

  const row = (links: readonly Link[], link: Link, at: number): TemplateResult => {
    const named = (what: string) => `${what}: ${link.title ?? 'link'}`;
    const small = (text: string, label: string, onClick: () => void, isDisabled = false) =>
      button({ text, label: named(label), kind: 'quiet', isSmall: true, isDisabled, onClick });
    return html`<li>
      <div>
        <p>
          <b>${link.title ?? 'No title'}</b> ${link.active ? nothing : badge('Off')}
          ${link.isSocial ? badge('Social') : nothing}
        </p>
        <p class="quiet small">${link.url} · ${count(link.clickCount)} clicks</p>
      </div>
      <div class="row">
        ${small('↑', 'Move up', () => void move(links, at, -1), at === 0 || isMoving)}
        ${small('↓', 'Move down', () => void move(links, at, 1), at === links.length - 1 || isMoving)}
        ${small('Edit', 'Edit', () => void edit(link))}
        ${small(link.active ? 'Switch off' : 'Switch on', link.active ? 'Switch off' : 'Switch on', () => void show(link, !link.active))}
        ${small('Remove', 'Remove', () => void remove(link))}
      </div>
    </li>`;
  };

  return ({ links }) =>
    card(
      { title: 'Links', aside: button({ text: 'Add a link', isSmall: true, onClick: () => void add() }) },
      links.length === 0
        ? empty('No links yet', 'Your other places: a shop, a newsletter, a channel.')
        : html`<ol class="lines">
            ${repeat(
              links,
              ({ id }) => id,
              (link, at) => row(links, link, at),
            )}
          </ol>`,
    );
}
