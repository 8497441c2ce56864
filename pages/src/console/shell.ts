/** What surrounds every page of the console: the bar with its search, the links to all pages, and the help. */
import { entered } from '../ui/field.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { href } from './console-page.js';
import type { Place } from './models/places.js';

export interface Bar {
  readonly pages: readonly { readonly name: string; readonly title: string; readonly count: number | null }[];
  readonly here: string;
  readonly findings: readonly Place[] | null;
  readonly search: (text: string) => void;
}

export function barOf(bar: Bar): TemplateResult {
  const submit = (submitted: Event) => {
    bar.search((entered(submitted).q ?? '').trim());
  };
  return html`<div class="console-bar">
    <form class="search" role="search" @submit=${submit}>
      <input
        id="search"
        name="q"
        type="search"
        autocomplete="off"
        spellcheck="false"
        maxlength="320"
        aria-label="Search"
        placeholder="Search a name, id, e-mail or event  ( / )"
      />
      ${bar.findings === null ? nothing : findings(bar.findings)}
    </form>
    <button type="button" class="button quiet small" popovertarget="help" aria-label="Help" title="Help ( ? )">
      ?
    </button>
    <nav aria-label="Pages of the console">
      ${bar.pages.map(
        ({ name, title, count }) =>
          html`<a href=${href({ page: name })} aria-current=${name === bar.here ? 'page' : nothing}
            >${title}${count ? html` <span class="count">${count}</span>` : nothing}</a
          >`,
      )}
    </nav>
  </div>`;
}

function findings(places: readonly Place[]): TemplateResult {
  if (places.length === 0)
    return html`<p class="findings card" role="status">Nobody and nothing has this name or id.</p>`;
  return html`<ul class="findings card">
    ${places.map(
      ({ label, query }) =>
        html`<li>
          <a class="hop" href=${href(query)}
            ><b>${label}</b> <code>${query.id ?? query.about ?? query.event ?? query.actor ?? ''}</code></a
          >
        </li>`,
    )}
  </ul>`;
}

const KEYS: readonly (readonly [key: string, does: string])[] = [
  ['/', 'search'],
  ['j, k', 'to the next row, to the one before'],
  ['Enter', 'open the row; in a dialog: do it'],
  ['Esc', 'close what is open'],
  ['?', 'this help'],
];

/** Shown by its button and by its key; the browser closes it by Escape, and by a click beside it. */
export const help = html`<dialog popover id="help" aria-labelledby="help-title">
  <h2 id="help-title">Keys</h2>
  <dl class="facts">
    ${KEYS.map(
      ([key, does]) =>
        html`<div>
          <dt><kbd>${key}</kbd></dt>
          <dd>${does}</dd>
        </div>`,
    )}
  </dl>
  <p class="quiet">
    Every address can be kept or sent to somebody: it says what is looked at. Search takes a username, an e-mail
    address, any id, the name of an event ("MessageSent"), or filters ("type:MessageSent actor:SYSTEM").
  </p>
</dialog>`;
