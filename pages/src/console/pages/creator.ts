/** Creator: her four dashboards as they are served, at any time, two times side by side, and why each number is what it is. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import type { Client } from '../../vendor/client.js';
import { type Around, href, page } from '../console-page.js';
import { eventsOf, type Explanation, type Movements, type Past } from '../models/answers.js';
import { fieldsOf, pairsOf, wordsOf, type Field, type Pair } from '../models/fields.js';
import { link, none, shortId } from '../show.js';
import { explanationPanel } from './creator-explained.js';
import { river } from './creator-money.js';
import { timeBar } from './creator-time.js';
import { without, type Query } from '../models/query.js';

export const DASHBOARDS = ['creatorDashboard', 'creatorProfile', 'dmConfig', 'referralDashboard'] as const;

export interface Creator {
  readonly userId: string;
  readonly creatorId: string;
  /** When she became one: the slider begins here. */
  readonly since: string;
}

interface Model {
  readonly creator: Creator | null;
  /** Of each dashboard: as of `at`, and as of `and` where two times are compared. */
  readonly pasts: readonly { readonly view: string; readonly left: Past; readonly right: Past | null }[];
  readonly explanation: Explanation | null;
  readonly movements: Movements | null;
}

export const creator = page<Model>({
  title: 'Creator',
  load: async (client, query) => {
    const who = await creatorOf(client, query.id ?? '');
    if (!who) return { creator: null, pasts: [], explanation: null, movements: null };
    const [pasts, explanation, movements] = await Promise.all([
      Promise.all(DASHBOARDS.map((view) => pastsOf(client, view, who, query))),
      explanationOf(client, who, query),
      query.money === undefined
        ? null
        : client.get('/admin/money/creators/{creatorId}', {
            params: { creatorId: who.creatorId },
            query: { limit: '200' },
          }),
    ]);
    return { creator: who, pasts, explanation, movements };
  },
  show: (model, around) => {
    if (!model.creator)
      return html`<header class="head"><h1>Creator</h1></header>
        ${none('Search for a username, an e-mail address or an id.')}`;
    const { query } = around;
    return html`
      <header class="head">
        <h1>Creator <span class="quiet">${shortId(model.creator.creatorId)}</span></h1>
        <nav class="tabs">
          ${link(without(query, 'money', 'field'), 'Dashboards', query.money === undefined ? 'here' : '')}
          ${link({ ...without(query, 'field'), money: '' }, 'Money', query.money === undefined ? '' : 'here')}
          ${link({ page: 'events', creatorId: model.creator.creatorId }, 'Events')}
          ${link({ page: 'people', id: model.creator.userId }, 'Person')}
        </nav>
      </header>
      ${model.movements ? river(model.movements, around.now) : html`${timeBar(model.creator, around)}${boards(model, around)}`}
    `;
  },
});

/** The key of a dashboard's document. */
const keyOf = (view: string, { userId, creatorId }: Creator) => (view === 'dmConfig' ? creatorId : userId);

/** By her creatorId or her userId. */
async function creatorOf(client: Client, id: string): Promise<Creator | null> {
  if (id === '') return null;
  const asked = (by: 'creatorId' | 'userId') =>
    client.get('/admin/events', { query: { type: 'CreatorUpgraded', [by]: id, limit: '1' } });
  const found = (await Promise.all([asked('creatorId'), asked('userId')])).flatMap(({ items }) => eventsOf(items));
  const [upgraded] = found;
  if (!upgraded) return null;
  const { userId = '', creatorId = '' } = upgraded.metadata.keys;
  return { userId, creatorId, since: upgraded.metadata.occurredAt };
}

async function pastsOf(client: Client, view: string, who: Creator, { at, and }: Query) {
  const asOf = (time: string | undefined) =>
    client.get('/admin/as-of/{view}/{key}', { params: { view, key: keyOf(view, who) }, query: { at: time } });
  const [left, right] = await Promise.all([asOf(at), and === undefined ? null : asOf(and === 'now' ? undefined : and)]);
  return { view, left, right };
}

async function explanationOf(
  client: Client,
  who: Creator,
  { view, field, position }: Query,
): Promise<Explanation | null> {
  if (view === undefined || field === undefined) return null;
  return client.get('/admin/explain/{view}/{key}', {
    params: { view, key: keyOf(view, who) },
    query: { field, position },
  });
}

function boards({ pasts, explanation }: Model, around: Around): TemplateResult {
  return html`<div class="with-drawer">
    <div class="boards ${around.query.and === undefined ? '' : 'two'}">
      ${pasts.map(({ view, left, right }) => (right ? comparison(view, left, right) : board(view, left, around)))}
    </div>
    ${explanation ? explanationPanel(explanation, around) : nothing}
  </div>`;
}

function board(view: string, past: Past, around: Around): TemplateResult {
  const fields = past.body === null ? [] : fieldsOf(past.body);
  return html`<section class="card flush board">
    <h2>${wordsOf(view)} ${past.parked ? html`<span class="badge bad">parked</span>` : nothing}</h2>
    ${past.refused === null ? nothing : none(`She was answered: ${past.refused}`)}
    <dl class="fields">${fields.map((field) => fieldRow(view, past, field, around))}</dl>
    <p class="pad quiet">
      position ${past.position} · ${past.eventsRead} events read${past.fold.sameCode ? '' : ' · by other code'}
    </p>
  </section>`;
}

/** A click on a value explains it, as of the position that is shown. */
function fieldRow(view: string, past: Past, { path, value }: Field, { query }: Around): TemplateResult {
  const isOpen = query.view === view && query.field === path;
  const asked = { ...query, view, field: path, position: past.position };
  return html`<div class=${isOpen ? 'open' : ''}>
    <dt>${wordsOf(path)}</dt>
    <dd><a class="hop" href=${href(asked)} title="Why?">${shown(past, path, value)}</a></dd>
  </div>`;
}

function shown({ maskedFields, erasedFields }: Past, path: string, value: Field['value'] | undefined): unknown {
  if (value !== null && value !== undefined) return String(value);
  if (erasedFields.includes(path)) return html`<span class="quiet">erased</span>`;
  return html`<span class="quiet">${maskedFields.includes(path) ? 'masked' : '–'}</span>`;
}

function comparison(view: string, left: Past, right: Past): TemplateResult {
  const pairs = pairsOf(left.body, right.body);
  const changed = pairs.filter(({ differs }) => differs);
  const row = ({ path, left: a, right: b, differs }: Pair) =>
    html`<tr class=${differs ? 'differs' : ''}>
      <th scope="row">${wordsOf(path)}</th>
      <td class="left">${shown(left, path, a)}</td>
      <td class="right">${shown(right, path, b)}</td>
    </tr>`;
  return html`<section class="card flush board">
    <h2>
      ${wordsOf(view)} <span class="badge ${changed.length === 0 ? 'good' : 'warn'}">${changed.length} differ</span>
    </h2>
    <table class="rows diff">
      <tbody>
        ${[...changed, ...pairs.filter(({ differs }) => !differs)].map(row)}
      </tbody>
    </table>
  </section>`;
}
