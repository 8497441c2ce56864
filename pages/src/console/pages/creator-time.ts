/** Going through time: the last days by a click, any time by the slider, a second time beside it. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import type { Around } from '../console-page.js';
import { lastDays } from '../models/days.js';
import { link, when } from '../show.js';
import { without } from '../models/query.js';

const HOUR = 3_600_000;

export function timeBar({ since }: { readonly since: string }, around: Around): TemplateResult {
  const { query, now } = around;
  const place = without(query, 'view', 'field', 'position');
  const first = Math.floor(Date.parse(since) / HOUR);
  const last = Math.ceil(now / HOUR);
  const chosen = query.at === undefined ? last : Math.round(Date.parse(query.at) / HOUR);
  const slide = (moved: Event) => {
    const hour = Number.parseInt((moved.target as HTMLInputElement).value, 10);
    const { at: _at, ...rest } = place;
    around.go(hour >= last ? rest : { ...rest, at: new Date(hour * HOUR).toISOString() }, 'replace');
  };
  return html`<section class="card time">
    <p class="chips">
      ${link(without(place, 'at', 'and'), 'Now', query.at === undefined ? 'chip here' : 'chip')}
      ${lastDays(now).map(({ label, at }) => link({ ...without(place, 'at'), at }, label, query.at === at ? 'chip here' : 'chip'))}
      ${
        query.and === undefined
          ? link({ ...place, and: 'now', at: query.at ?? weekAgo(now) }, 'Two dates side by side', 'chip')
          : link(without(place, 'and'), 'One date', 'chip')
      }
    </p>
    <label>
      <span class="visually-hidden">Time</span>
      <input type="range" min=${first} max=${last} step="1" .value=${String(chosen)} @change=${slide} />
    </label>
    <p class="quiet">
      ${query.at === undefined ? 'As served now' : html`As it was at ${when(query.at)}`}
      ${query.and === undefined ? nothing : html` beside ${query.and === 'now' ? 'now' : when(query.and)}`}
    </p>
  </section>`;
}

const weekAgo = (now: number) => new Date(now - 7 * 24 * HOUR).toISOString();
