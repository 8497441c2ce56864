import { expect } from 'chai';
import { BATCHES_PER_REPLAY_SPAN, openTracedDocuments } from '../../src/tracing/documents.js';
import { appendOf, traceOf } from '../../src/tracing/log-refs.js';
import { createTracer, type FinishedSpan } from '../../src/tracing/tracer.js';
import type { Consumer } from '../../src/feed/consumer.js';
import { systemRandom } from '../../src/ids.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { fromInstant, MINUTE } from '../../src/time.js';
import { metadata, newEvent } from '../../testing/events.js';
import { createManualTime } from '../../testing/manual-time.js';

const HAPPENED = '2026-04-29T10:00:00.000Z';

const consumer: Consumer = {
  name: 'trails.v1',
  collection: 'trails',
  indexes: [],
  takes: ({ type }) => type === 'SomethingHappened',
  keyOf: () => 'one',
  apply: (_key, document, { position }) => ({ ...document, _id: 'one', position }),
};
/** Has nothing and keeps nothing. */
const reads = { getMany: async () => new Map(), write: async () => new Set(['one']) } as unknown as ReadStore;

let position = 0n;
const event = (overrides: Partial<RecordedEvent> = {}): RecordedEvent => ({
  ...newEvent({ metadata: metadata({ occurredAt: HAPPENED }) }),
  ...{ stream: 'thing-1', revision: 0n, position: (position += 1n) },
  ...overrides,
});

describe('The spans of documents', () => {
  let spans: FinishedSpan[];
  beforeEach(() => void (spans = []));

  /** A consumer whose clock shows this time after the events happened. */
  function documentsAfter(ms: number, options: { readonly rebuilds?: true; readonly fails?: true } = {}) {
    const clock = createManualTime(fromInstant(HAPPENED) + ms);
    const sink = { keeps: () => true, send: (span: FinishedSpan) => void spans.push(span), close: async () => {} };
    return openTracedDocuments({
      ...{ consumer, tracer: createTracer({ sink, clock, random: systemRandom }) },
      ...(!options.rebuilds && { clock }),
      reads: options.fails ? { ...reads, write: () => Promise.reject(new RangeError('canary')) } : reads,
      stayActive: async () => {},
      stop(reason) {
        throw new Error(reason);
      },
    });
  }
  const appendSpanOf = (of: RecordedEvent) => appendOf(of, traceOf(of) ?? '');
  const shown = () => spans.map(({ name, traceId, parent, links }) => ({ name, traceId, parent, links }));

  it('are one for each trace of a batch, below the append of its first event, linked with the others', async () => {
    const [one, other] = [event(), event()];
    const [sameAppend, sameTrace] = [event({ ...one }), event({ metadata: one.metadata, stream: 'thing-2' })];
    await documentsAfter(MINUTE).apply([one, sameAppend, other, sameTrace, event({ type: 'SomebodyElses' })]);
    const traces = [
      { of: one, links: [appendSpanOf(sameTrace)] },
      { of: other, links: [] },
    ];
    const own = shown().filter(({ name }) => name === 'project trails.v1');
    expect(own.map(({ traceId, parent, links }) => ({ traceId, parent, links }))).to.deep.equal(
      traces.map(({ of, links }) => ({ traceId: traceOf(of), parent: appendSpanOf(of), links })),
    );
    expect(shown().filter(({ name }) => name === 'write documents')).to.have.length(2);
  });

  it('are traces of their own, of one batch in a thousand, for what happened long ago', async () => {
    const documents = documentsAfter(11 * MINUTE);
    for (let batch = 0; batch < 2 * BATCHES_PER_REPLAY_SPAN + 1; batch += 1) await documents.apply([event()]);
    expect(spans.map(({ name }) => name)).to.deep.equal(Array.from({ length: 3 }, () => 'replay trails.v1'));
    expect(spans.map(({ links }) => links?.length)).to.deep.equal([1, 1, 1]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).to.equal(3);
  });

  it('are of a replay for all that a rebuild folds', async () => {
    await documentsAfter(0, { rebuilds: true }).apply([event()]);
    expect(spans.map(({ name, parent }) => ({ name, parent }))).to.deep.equal([
      { name: 'replay trails.v1', parent: undefined },
    ]);
  });

  it('end with the kind of what failed, and pass it on', async () => {
    const failed = await documentsAfter(0, { fails: true })
      .apply([event()])
      .catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(RangeError);
    expect(spans.map(({ fault }) => fault)).to.deep.equal(['RangeError', 'RangeError']);
  });
});
