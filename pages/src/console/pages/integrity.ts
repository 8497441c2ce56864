/** Integrity: whether the log is still what was signed of it. */
import { entered } from '../../ui/field.js';
import { html, type TemplateResult } from '../../vendor/lit.js';
import { type Action, type Around, page } from '../console-page.js';
import { eventsOf, type Integrity, type LogEvent } from '../models/answers.js';
import { verdictOf } from '../models/verdict.js';
import { actButton, bar, count, eventLink, facts, shortId, when } from '../show.js';

interface Model {
  readonly integrity: Integrity;
  readonly heads: readonly LogEvent[];
}

export const integrity = page<Model>({
  title: 'Integrity',
  everyMs: 5_000,
  load: async (client) => {
    const query = { type: 'IntegrityHeadSigned', order: 'newest', limit: '20' } as const;
    const [checked, { items }] = await Promise.all([
      client.get('/admin/integrity'),
      client.get('/admin/events', { query }),
    ]);
    return { integrity: checked, heads: eventsOf(items) };
  },
  show: ({ integrity: checked, heads }, around) => {
    const verdict = verdictOf(checked);
    return html`
      <header class="head">
        <h1>Integrity</h1>
        <div class="acts">${actButton(around, checkAction(around))}</div>
      </header>
      <section class="card verdict ${verdict.health}">
        <h2><span class="dot ${verdict.health}"></span> ${verdict.title}</h2>
        <p>${verdict.text}</p>
        ${checked.broken.map(({ position, message }) => html`<p class="why">${position ?? ''} ${message}</p>`)}
      </section>
      ${rounds(checked)} ${receiptForm(around)}
      <section class="card flush">
        <h2>Signed heads</h2>
        ${headTable(heads)}
      </section>
      <section class="card">
        <h2>Keys</h2>
        <p class="quiet">A receipt or bundle is checked with these. Keep them where nobody here can change them.</p>
        ${facts(checked.publicKeys.map(({ keyId, publicKey }) => [keyId, html`<code>${publicKey}</code>`]))}
      </section>
    `;
  },
});

function checkAction({ client }: Around): Action {
  return {
    title: 'Check the whole log',
    verb: 'Check the whole log',
    preview: ['Every event is compared with what was indexed of it, in the background, a few hundred a second.'],
    run: async (reason) => {
      await client.post('/admin/integrity/check', { body: { reason } });
    },
  };
}

function rounds({ rounds: of, size }: Integrity): TemplateResult {
  return html`<section class="card flush">
    <h2>Checks of the whole log</h2>
    <table class="rows">
      <thead>
        <tr>
          <th>Begun</th>
          <th>Ended</th>
          <th class="number">Events</th>
          <th>Found</th>
        </tr>
      </thead>
      <tbody>
        ${of.map(
          ({ begunAt, endedAt, checked, faults }) =>
            html`<tr>
              <td>${when(begunAt)}</td>
              <td>
                ${endedAt === null ? bar(checked / Math.max(size, 1), 'part of the log that is checked') : when(endedAt)}
              </td>
              <td class="number">${checked.toLocaleString('en')}</td>
              <td>
                <span class="badge ${faults === 0 ? 'good' : 'bad'}"
                  >${faults === 0 ? 'nothing wrong' : count(faults, 'fault')}</span
                >
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function headTable(heads: readonly LogEvent[]): TemplateResult {
  return html`<table class="rows">
    <thead>
      <tr>
        <th>Signed</th>
        <th class="number">Events</th>
        <th class="wide">Root</th>
        <th>Key</th>
      </tr>
    </thead>
    <tbody>
      ${heads.map(({ id, data, metadata }) => {
        const { size, root, keyId } = data as { readonly size: number; readonly root: string; readonly keyId: string };
        return html`<tr>
          <th scope="row">${eventLink(id, when(metadata.occurredAt))}</th>
          <td class="number">${size.toLocaleString('en')}</td>
          <td class="wide">${shortId(root)}</td>
          <td>${shortId(keyId)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

function receiptForm({ save }: Around): TemplateResult {
  const submit = (submitted: Event) => {
    const eventId = (entered(submitted).eventId ?? '').trim();
    void save(`/admin/integrity/receipts/${encodeURIComponent(eventId)}`, {}, `receipt-${eventId}.json`);
  };
  return html`<section class="card">
    <h2>Receipt</h2>
    <p class="quiet">Proves that an event is in the log, to somebody who has nothing of ours.</p>
    <form class="chips" @submit=${submit}>
      <input name="eventId" required aria-label="Id of an event" placeholder="id of an event" />
      <button type="submit" class="button small">Save a receipt</button>
    </form>
  </section>`;
}
