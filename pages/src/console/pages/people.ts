/** People: who somebody is, what erasing would destroy, the erasure itself, and its receipt. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { Mistake } from '../../app/errors.js';
import { type Action, type Around, page } from '../console-page.js';
import { eventsOf, type Erasure, type LogEvent, type Past } from '../models/answers.js';
import { lossesOf, type Loss } from '../models/erasing.js';
import { wordsOf } from '../models/fields.js';
import { actButton, eventLink, facts, link, none, shortId, when } from '../show.js';

interface Model {
  readonly id: string;
  readonly account: Past | null;
  readonly losses: readonly Loss[];
  readonly erasure: Erasure | null;
  readonly newest: readonly LogEvent[];
  readonly creatorId: string | null;
}

const WITH_PERSONAL_DATA = ['account', 'creatorDashboard', 'creatorProfile', 'referralDashboard'];

export const people = page<Model>({
  title: 'People',
  load: async (client, { id = '' }) => {
    if (id === '') return { id, account: null, losses: [], erasure: null, newest: [], creatorId: null };
    const asOf = (view: string) => client.get('/admin/as-of/{view}/{key}', { params: { view, key: id } });
    const events = (query: object) => client.get('/admin/events', { query: { userId: id, ...query } });
    const [pasts, newest, upgraded, asked] = await Promise.all([
      Promise.all(WITH_PERSONAL_DATA.map(asOf)),
      events({ order: 'newest', limit: '10' }),
      events({ type: 'CreatorUpgraded', limit: '1' }),
      events({ type: 'UserErasureRequested', limit: '1' }),
    ]);
    const erasure =
      asked.items.length === 0 ? null : await client.get('/admin/users/{userId}/erasure', { params: { userId: id } });
    const [upgrade] = eventsOf(upgraded.items);
    return {
      ...{ id, account: pasts[0] ?? null, losses: lossesOf(pasts), erasure },
      ...{ newest: eventsOf(newest.items), creatorId: upgrade?.metadata.keys.creatorId ?? null },
    };
  },
  show: (model, around) => {
    const { id, account, losses, erasure, newest, creatorId } = model;
    if (id === '')
      return html`<header class="head"><h1>People</h1></header>
        ${none('Search for a username, an e-mail address or an id ( / ).')}`;
    const status = (account?.body as { readonly status?: string } | null | undefined)?.status ?? 'nobody we know';
    return html`
      <header class="head">
        <h1>
          Person <span class="quiet">${shortId(id)}</span>
          <span class="badge ${status === 'ACTIVE' ? 'good' : 'warn'}">${status}</span>
        </h1>
        <nav class="tabs">
          ${creatorId === null ? nothing : link({ page: 'creator', id: creatorId }, 'Her dashboards')}
          ${link({ page: 'events', userId: id }, 'Events')}
          ${link({ page: 'events', userId: id, type: 'PersonalDataRevealed' }, 'Who looked')}
        </nav>
      </header>
      ${erasure ? receipt(erasure) : preview(model, losses, around)}
      <section class="card flush">
        <h2>Newest events</h2>
        <table class="rows">
          <tbody>
            ${newest.map(
              ({ id: eventId, type, metadata }) =>
                html`<tr>
                  <td>${when(metadata.occurredAt)}</td>
                  <th scope="row">${eventLink(eventId, type)}</th>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>
    `;
  },
});

function preview(model: Model, losses: readonly Loss[], around: Around): TemplateResult {
  return html`<section class="card">
    <h2>What erasing would destroy</h2>
    <p>
      The key that opens what this person has told us. What only that key opens reads as nothing from then on, here and
      in every backup:
    </p>
    ${
      losses.length === 0
        ? none('Nothing sealed is shown of this person.')
        : html`<ul class="losses">
            ${losses.map(({ view, fields }) => html`<li><b>${wordsOf(view)}</b> ${fields.join(', ')}</li>`)}
          </ul>`
    }
    <p class="quiet">Amounts, counts and who did what stay: no number changes.</p>
    <p class="acts">${actButton(around, eraseAction(model.id, losses, around))}</p>
  </section>`;
}

/** The name that is typed must be this person's: the server says whose it is. */
function eraseAction(userId: string, losses: readonly Loss[], { client }: Around): Action {
  return {
    title: 'Erase this person',
    verb: 'Erase',
    isFinal: true,
    preview: [`There is no way back. ${losses.length} of this person's views lose what is sealed in them.`],
    fields: [{ name: 'name', label: 'Type the username or e-mail address of this person', isRequired: true }],
    run: async (reason, { name = '' }) => {
      const { items } = await client.post('/admin/search', { body: { q: name } });
      if (!items.some(({ kind, id }) => kind === 'user' && id === userId))
        throw new Mistake('That is not the name of this person.');
      await client.post('/admin/users/{userId}/erase', { params: { userId }, body: { reason } });
      return { page: 'people', id: userId };
    },
  };
}

function receipt({ requestedAt, erasedAt, key, destroyed, remains }: Erasure): TemplateResult {
  return html`<section class="card flush" id="receipt">
    <h2>Receipt of the erasure <span class="badge ${erasedAt === null ? 'warn' : 'good'}">key ${key}</span></h2>
    <div class="pad">
      ${facts([
        ['Asked for', when(requestedAt)],
        ['Erased', when(erasedAt)],
      ])}
    </div>
    <table class="rows">
      <thead>
        <tr>
          <th>Destroyed</th>
          <th>When</th>
        </tr>
      </thead>
      <tbody>
        ${destroyed.map(
          ({ what, at, eventId }) =>
            html`<tr>
              <th scope="row">${eventLink(eventId, wordsOf(what.toLowerCase().replaceAll('_', ' ')))}</th>
              <td>${when(at)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <table class="rows">
      <thead>
        <tr>
          <th>Remains</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        ${remains.map(
          ({ what, why }) =>
            html`<tr>
              <th scope="row">${what}</th>
              <td>${why}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
