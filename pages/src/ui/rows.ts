/** A list of the API as it is shown: its rows, and a way to earlier ones. */
import type { List } from '../app/list.js';
import { html, nothing, repeat, type TemplateResult } from '../vendor/lit.js';
import { button, shown, type Content } from './parts.js';

interface Row {
  readonly id: string;
}

/** `none` stands where there are no rows. */
export function rowsOf<T extends Row>(list: List<T>, none: Content, row: (of: T) => TemplateResult): Content {
  return shown(list, ({ items }) =>
    items.length === 0
      ? none
      : html`<ul class="lines">
            ${repeat(items, ({ id }) => id, row)}
          </ul>
          ${moreOf(list)}`,
  );
}

export function moreOf<T>(list: List<T>): TemplateResult | typeof nothing {
  if (!list.data?.hasMore) return nothing;
  const more = button({ text: 'Show earlier ones', isBusy: list.isLoading, onClick: () => void list.more() });
  return html`<p class="row">${more}</p>`;
}
