/** Events: a search by chips, the newest first, each in a drawer, and the export of all that is found. */
import { entered } from '../../ui/field.js';
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { type Around, href, page } from '../console-page.js';
import { without, type Query } from '../models/query.js';
import { eventsOf, type LogEvent } from '../models/answers.js';
import { filtersOf, typedFilters, type Filters } from '../models/chips.js';
import { actor, causeLink, facts, json, link, none, shortId, when } from '../show.js';

interface Model {
  readonly filters: Filters;
  readonly events: readonly LogEvent[];
  readonly next: string | null;
  readonly open: LogEvent | null;
}

const PAGE = '50';

export const events = page<Model>({
  title: 'Events',
  load: async (client, query) => {
    const filters = filtersOf(query);
    const asked = { ...filters, order: 'newest' as const, limit: PAGE, cursor: query.cursor };
    const [{ items, next }, open] = await Promise.all([
      client.get('/admin/events', { query: asked }),
      query.event ? client.get('/admin/events/{eventId}', { params: { eventId: query.event } }) : null,
    ]);
    return { filters, events: eventsOf(items), next, open: open && (eventsOf([open])[0] ?? null) };
  },
  show: (model, around) => html`
    <header class="head">
      <h1>Events</h1>
      ${searchForm(model.filters, around)}
    </header>
    <div class="with-drawer">
      <section class="card flush">
        ${model.events.length === 0 ? none('No event has all of this.') : list(model, around)} ${paging(model, around)}
      </section>
      ${model.open ? drawer(model.open, around) : nothing}
    </div>
  `,
});

const placeOf = (filters: Filters, more: Query = {}): Query => ({ page: 'events', ...(filters as Query), ...more });

function searchForm(filters: Filters, around: Around): TemplateResult {
  const search = (submitted: Event) => {
    const { filter = '' } = entered(submitted);
    (submitted.currentTarget as HTMLFormElement).reset();
    around.go(placeOf({ ...filters, ...typedFilters(filter) }));
  };
  const ask = { ...(filters as Query), order: 'newest' };
  return html`<form class="chips" @submit=${search}>
    ${Object.entries(filters).map(
      ([name, value]) =>
        html`<a class="chip" href=${href(without(placeOf(filters), name))} title="Take this filter away"
          ><span>${name}</span> ${value} <b aria-hidden="true">×</b></a
        >`,
    )}
    <input
      name="filter"
      autocomplete="off"
      spellcheck="false"
      aria-label="Add a filter"
      placeholder="type:MessageSent  actor:SYSTEM  from:2026-11-01T00:00:00Z"
    />
    <button type="submit" class="button small">Filter</button>
    <button
      type="button"
      class="button quiet small"
      @click=${() => void around.save('/admin/events/export', { ...ask, format: 'ndjson' }, 'events.ndjson')}
    >
      Export NDJSON
    </button>
    <button
      type="button"
      class="button quiet small"
      @click=${() => void around.save('/admin/events/export', { ...ask, format: 'csv' }, 'events.csv')}
    >
      CSV
    </button>
  </form>`;
}

function list({ events: items, filters, open }: Model, around: Around): TemplateResult {
  const cursor: Query = around.query.cursor ? { cursor: around.query.cursor } : {};
  return html`<table class="rows">
    <thead>
      <tr>
        <th>When</th>
        <th>Event</th>
        <th class="wide">Stream</th>
        <th>By</th>
        <th class="number wide">Position</th>
      </tr>
    </thead>
    <tbody>
      ${items.map(
        (event) =>
          html`<tr class=${open?.id === event.id ? 'open' : ''}>
            <td>${when(event.metadata.occurredAt)}</td>
            <th scope="row">${link(placeOf(filters, { ...cursor, event: event.id }), event.type, 'hop')}</th>
            <td class="wide">${streamText(event.stream)}</td>
            <td>${actor(event.metadata)}</td>
            <td class="number wide">${event.position}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function streamText(stream: string): TemplateResult {
  const [category = '', ...rest] = stream.split('-');
  return html`${category} ${shortId(rest.join('-'))}`;
}

function paging({ filters, next }: Model, around: Around): TemplateResult {
  return html`<nav class="paging" aria-label="Pages">
    ${around.query.cursor ? link(placeOf(filters), 'Newest') : nothing}
    ${next === null ? html`<span class="quiet">That is all.</span>` : link(placeOf(filters, { cursor: next }), 'Older')}
  </nav>`;
}

function drawer(event: LogEvent, around: Around): TemplateResult {
  const { metadata } = event;
  const closed = without(around.query, 'event');
  return html`<aside class="drawer card" aria-label="The event">
    <header>
      <h2>${event.type}</h2>
      ${link(closed, html`<span aria-hidden="true">×</span><span class="visually-hidden">Close</span>`, 'close')}
    </header>
    ${event.readable ? nothing : html`<p class="why">It cannot be read by the code of today.</p>`}
    ${facts([
      ['When', when(metadata.occurredAt)],
      ['By', actor(metadata)],
      ['Why', metadata.reason ?? '–'],
      ['Stream', link({ page: 'events', stream: event.stream }, html`<code>${event.stream}</code>`)],
      ['Place', html`position ${event.position}, revision ${event.revision}`],
      ['Request', causeLink(metadata.$correlationId, 'what it caused')],
    ])}
    <h3>About</h3>
    <p class="chips">${Object.entries(metadata.keys).map(([name, value]) => keyLink(name, value))}</p>
    <h3>Data</h3>
    ${json(event.data)}
    <details>
      <summary>Metadata</summary>
      ${json(metadata)}
    </details>
    <p class="acts">
      <button
        type="button"
        class="button quiet small"
        @click=${() => void around.save(`/admin/integrity/receipts/${event.id}`, {}, `receipt-${event.id}.json`)}
      >
        Save a receipt
      </button>
    </p>
  </aside>`;
}

function keyLink(name: string, value: string): TemplateResult {
  if (name === 'creatorId')
    return link({ page: 'creator', id: value }, html`<span>creator</span> ${shortId(value)}`, 'chip');
  if (name === 'userId')
    return link({ page: 'people', id: value }, html`<span>person</span> ${shortId(value)}`, 'chip');
  if (name === 'configKey') return link({ page: 'settings', key: value }, html`<span>setting</span> ${value}`, 'chip');
  return link({ page: 'events', about: value }, html`<span>${name}</span> ${shortId(value)}`, 'chip');
}
