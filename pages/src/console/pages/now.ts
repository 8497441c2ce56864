/** Now: every view, policy and look-up, what needs a person first. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { type Around, page } from '../console-page.js';
import type { Lags, Overview } from '../models/answers.js';
import { feedRows, healthCounts, type FeedRow } from '../models/feeds.js';
import { bar, count, link, span, strip } from '../show.js';
import { rebuildAction } from './projection-acts.js';

interface Model {
  readonly overview: Overview;
  readonly rows: readonly FeedRow[];
  /** By feed. */
  readonly lags: ReadonlyMap<string, Lags['feeds'][number]['lagSeconds']>;
}

export const now = page<Model>({
  title: 'Now',
  everyMs: 2_000,
  load: async (client) => {
    const [overview, { feeds }] = await Promise.all([
      client.get('/admin/projections'),
      client.get('/admin/projections/lag'),
    ]);
    const lags = new Map(feeds.map(({ name, lagSeconds }) => [name, lagSeconds] as const));
    return { overview, rows: feedRows(overview), lags };
  },
  show: ({ overview, rows, lags }, around) => {
    const { bad, warn, good } = healthCounts(rows);
    return html`
      <header class="head">
        <h1>Now</h1>
        <p>
          ${bad > 0 ? html`<span class="badge bad">${bad} in trouble</span>` : nothing}
          ${warn > 0 ? html`<span class="badge warn">${warn} to look at</span>` : nothing}
          <span class="badge good">${good} fine</span>
          <span class="quiet">head of the log ${overview.head}</span>
        </p>
      </header>
      ${sections(rows).map(
        ([title, of]) =>
          html`<section class="card flush">
            <h2>${title} <span class="quiet">${of.length}</span></h2>
            <table class="rows feeds">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Code</th>
                  <th class="number">Lag</th>
                  <th class="wide">Last 15 minutes</th>
                  <th class="number">Parked</th>
                  <th class="wide">Held by</th>
                  <th></th>
                </tr>
              </thead>
              <tbody>
                ${of.map((row) => rowOf(row, lags.get(row.feed) ?? [], around))}
              </tbody>
            </table>
          </section>`,
      )}
      <p class="quiet">
        Lag: how long ago the oldest event happened that is not handled yet. The strips have a look every 10 seconds.
      </p>
    `;
  },
});

/** What is in trouble stands above everything else; the rest by kind. */
function sections(rows: readonly FeedRow[]): readonly (readonly [string, readonly FeedRow[]])[] {
  const fine = (kind: readonly FeedRow['kind'][]) =>
    rows.filter((row) => row.health === 'good' && kind.includes(row.kind));
  const all = [
    ['Needs a look', rows.filter(({ health }) => health !== 'good')],
    ['Views', fine(['view'])],
    ['Policies', fine(['policy'])],
    ['Look-ups and index', fine(['look-up', 'index'])],
  ] as const;
  return all.filter(([, of]) => of.length > 0);
}

function rowOf(row: FeedRow, lags: Lags['feeds'][number]['lagSeconds'], around: Around): TemplateResult {
  const { name, view, lagSeconds, lagEvents, parkedKeys } = row;
  return html`<tr class="health ${row.health}" data-name=${name}>
    <th scope="row">
      <span class="dot ${row.health}" role="img" aria-label=${row.health}></span>
      ${view ? link({ page: 'projection', view: name }, name, 'hop') : html`<span class="hop" tabindex="-1">${name}</span>`}
      ${row.why.length > 0 ? html`<p class="why">${row.why.join(' · ')}</p>` : nothing}
    </th>
    <td>${codeOf(row)}</td>
    <td class="number" title=${count(lagEvents, 'event')}>
      ${lagSeconds < 0.05 ? '0 s' : `${lagSeconds.toFixed(1)} s`}
    </td>
    <td class="wide">${strip(lags, `lag of ${name}`)}</td>
    <td class="number">
      ${parkedKeys > 0 ? link({ page: 'parked', consumer: name }, parkedKeys, 'bad-text') : html`<span class="quiet">0</span>`}
    </td>
    <td class="wide quiet">${row.holder || 'nobody'}</td>
    <td class="acts">${view ? buildCell(row, around) : nothing}</td>
  </tr>`;
}

function codeOf({ view }: FeedRow): TemplateResult | typeof nothing {
  if (!view) return nothing;
  const isOurs = view.builtBy === 'this code';
  return html`<span title=${`served ${view.generation ?? 'nothing'}, code of version ${view.version}`}
    >${view.generation ?? '–'}<span class="quiet"> / v${view.version}</span
    >${isOurs ? nothing : html` <span class="badge warn">${view.builtBy}</span>`}</span
  >`;
}

function buildCell({ name, view }: FeedRow, around: Around): TemplateResult {
  const rebuild = view?.rebuild;
  if (rebuild && rebuild.state !== 'HELD') {
    const { part, secondsLeft } = rebuild.progress;
    const left = secondsLeft === null ? '' : `, ${span(secondsLeft)} left`;
    return link(
      { page: 'projection', view: name },
      html`${bar(part, `rebuild of ${name}`)} ${Math.floor(part * 100)} %${left}`,
    );
  }
  if (rebuild) return link({ page: 'projection', view: name }, 'Compare');
  if (!around.mayAct) return html``;
  return html`<button type="button" class="button quiet small" @click=${() => around.ask(rebuildAction(around, name))}>
    Rebuild
  </button>`;
}
