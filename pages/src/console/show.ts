/** Small pieces that several pages of the console show. */
import { html, nothing, svg, type TemplateResult } from '../vendor/lit.js';
import { href, type Action, type Around } from './console-page.js';
import type { Query } from './models/query.js';
import type { LogEvent } from './models/answers.js';

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A time of the log in the reader's time zone, in full when pointed at. */
export function when(iso: string | null | undefined): TemplateResult {
  if (iso === null || iso === undefined) return html`<span class="quiet">–</span>`;
  const date = new Date(iso);
  return html`<time datetime=${iso} title=${iso}>${DATE.format(date)} <b>${TIME.format(date)}</b></time>`;
}

/** "4 min 10 s" */
export function span(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** The first characters of an id; all of it when pointed at. */
export function shortId(id: string): TemplateResult {
  return html`<code title=${id}>${id.length > 13 ? `${id.slice(0, 8)}…` : id}</code>`;
}

export function link(query: Query, content: unknown, classes = ''): TemplateResult {
  return html`<a class=${classes} href=${href(query)}>${content}</a>`;
}

export const causeLink = (correlationId: string, content: unknown = 'why') =>
  link({ page: 'cause', id: correlationId }, content);

export const eventLink = (eventId: string, content: unknown) =>
  link({ page: 'events', eventId, event: eventId }, content);

export const count = (of: number, one: string, many = `${one}s`): string =>
  `${of.toLocaleString('en')} ${of === 1 ? one : many}`;

export const none = (what: string) => html`<p class="none">${what}</p>`;

export function facts(rows: readonly (readonly [string, unknown])[]): TemplateResult {
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Left out for whoever may not act. */
export function actButton(
  around: Around,
  action: Action,
  label: string = action.verb,
): TemplateResult | typeof nothing {
  if (!around.mayAct) return nothing;
  const classes = action.isFinal ? 'button small danger' : 'button small';
  return html`<button type="button" class=${classes} @click=${() => around.ask(action)}>${label}</button>`;
}

/** A button that cannot be used now, and why. */
export const notNow = (label: string, whyNot: string) =>
  html`<span class="not-now"
    ><button type="button" class="button small" disabled>${label}</button> <span>${whyNot}</span></span
  >`;

/** Text of the log is shown as text, whatever it holds. */
export const json = (value: unknown) => html`<pre class="json">${JSON.stringify(value, null, 2)}</pre>`;

export function bar(part: number, label: string): TemplateResult {
  return html`<progress class="bar" max="1" .value=${Math.min(1, Math.max(0, part))} aria-label=${label}></progress>`;
}

/** Cells from left to right, the higher the greater, as one picture. */
export function strip(cells: readonly (number | null)[], label: string): TemplateResult {
  const top = Math.max(2, ...cells.map((cell) => cell ?? 0));
  const height = (cell: number) => Math.max(1, Math.round((cell / top) * 18));
  return html`<svg class="strip" viewBox="0 0 ${cells.length * 3} 20" role="img" aria-label=${label}>
    ${cells.map((cell, at) =>
      cell === null
        ? svg`<rect class="unknown" x=${at * 3} y="18" width="2" height="1" />`
        : svg`<rect class=${cell >= 15 ? 'late' : cell >= 2 ? 'slow' : 'fine'} x=${at * 3} y=${19 - height(cell)} width="2" height=${height(cell)} />`,
    )}
  </svg>`;
}

/** Who did it: the person, or what acted by itself. */
export function actor({ actor: { userId, role } }: LogEvent['metadata']): TemplateResult {
  if (userId === null) return html`<span class="role">${role}</span>`;
  return html`<span class="role">${role}</span> ${link({ page: 'people', id: userId }, shortId(userId))}`;
}
