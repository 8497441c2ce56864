/** Parked: what could not be applied, by cause, what waits behind it, and what can be done. */
import { html, nothing, type TemplateResult } from '../../vendor/lit.js';
import { type Action, type Around, page } from '../console-page.js';
import type { Cause, ParkedKey } from '../models/answers.js';
import { heldFilter } from '../models/held.js';
import { actButton, count, eventLink, link, none, shortId, when } from '../show.js';

interface Model {
  readonly causes: readonly (Cause & { readonly parked: readonly ParkedKey[]; readonly total: number })[];
}

export const parked = page<Model>({
  title: 'Parked',
  everyMs: 5_000,
  load: async (client) => {
    const { items } = await client.get('/admin/projections/parked');
    const causes = items.map(async (one) => {
      const asked = { params: { causeOrKey: one.cause } };
      const { items: keys, total } = await client.get('/admin/projections/parked/{causeOrKey}', asked);
      return { ...one, parked: keys, total };
    });
    return { causes: await Promise.all(causes) };
  },
  show: ({ causes }, around) => html`
    <header class="head">
      <h1>Parked</h1>
      <p class="quiet">An event that cannot be applied holds back its own document only; all others go on.</p>
    </header>
    ${causes.length === 0 ? none('Nothing is parked.') : causes.map((one) => causeCard(one, around))}
  `,
});

function causeCard(one: Model['causes'][number], around: Around): TemplateResult {
  const { cause, type, error, keys, consumers, since, parked: held, total } = one;
  const choice = { cause };
  return html`<section class="card flush cause">
    <h2>${type ?? 'An event without a type'} <span class="badge bad">${count(keys, 'key')}</span></h2>
    <p class="pad why">${error}</p>
    <p class="pad quiet">
      ${Object.entries(consumers)
        .map(([name, of]) => `${name} ${of}`)
        .join(' · ')}
      · since ${when(since)}
    </p>
    <p class="pad acts">
      ${actButton(around, retryAction(around, choice, keys))} ${actButton(around, discardAction(around, choice, keys))}
    </p>
    <table class="rows">
      <thead>
        <tr>
          <th>Consumer</th>
          <th>Key</th>
          <th>Held behind</th>
          <th class="wide">Since</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${held.map((key) => keyRow(key, around))}
      </tbody>
    </table>
    ${total > held.length ? none(`The first ${held.length} of ${total}.`) : nothing}
  </section>`;
}

function keyRow(parked: ParkedKey, around: Around): TemplateResult {
  const { consumer, key, parkedFrom, event, since, held, heldSince, retry } = parked;
  return html`<tr>
    <th scope="row">${consumer}</th>
    <td>
      ${shortId(key)} ${event === null ? nothing : eventLink(event, 'event')}
      ${retry ? html`<span class="badge warn">is tried again</span>` : nothing}
    </td>
    <td>
      ${link({ page: 'events', ...heldFilter(consumer, key), fromPosition: parkedFrom }, heldText(held, parkedFrom))}
      ${heldSince === null ? nothing : html`<span class="quiet wide"><br />since ${when(heldSince)}</span>`}
    </td>
    <td class="wide">${when(since)}</td>
    <td class="acts">
      ${actButton(around, retryAction(around, { consumer, key }, 1), 'Retry')}
      ${actButton(around, discardAction(around, { consumer, key }, 1), 'Discard')}
    </td>
  </tr>`;
}

/** As many as the API counts. */
const HELD_MAX = 1_000;

function heldText(held: number | null, parkedFrom: string): string {
  if (held === null) return `all from ${parkedFrom} on`;
  return held < HELD_MAX ? count(held, 'event') : '1,000+ events';
}

type Choice = { readonly cause: string } | { readonly consumer: string; readonly key: string };

function retryAction({ client, reload }: Around, choice: Choice, keys: number): Action {
  return {
    title: `Try ${count(keys, 'parked key')} again`,
    verb: 'Retry',
    preview: [
      'Each is folded again from where it stands, at its next batch. What still cannot be applied is parked again.',
    ],
    run: async (reason) => {
      await client.post('/admin/projections/parked/retry', { body: { ...choice, reason } });
      await reload();
    },
  };
}

function discardAction({ client, reload }: Around, choice: Choice, keys: number): Action {
  return {
    title: `Leave out what ${count(keys, 'key')} is parked at`,
    verb: 'Discard',
    isFinal: true,
    preview: [
      'The event that cannot be applied is left out for good, here and in every rebuild.',
      'What was held behind it is applied. The event stays in the log, and so does who left it out and why.',
    ],
    run: async (reason) => {
      await client.post('/admin/projections/parked/discard', { body: { ...choice, reason } });
      await reload();
    },
  };
}
