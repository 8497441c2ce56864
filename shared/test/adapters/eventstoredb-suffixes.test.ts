/** A reader who wants some suffixes of streams has the server leave out the others. */
import { expect } from 'chai';
import { openEventStoreDb } from '../../src/adapters/eventstoredb/event-store.js';
import { namesOf } from '../../src/adapters/eventstoredb/read-request.js';
import type { EventStore, Suffixes } from '../../src/ports.js';
import { PATIENT_MS } from '../../testing/contract.js';
import { startEventStoreServer, type EventStoreServer } from '../../testing/eventstoredb-wire.js';

const LOWER_HALF: Suffixes = { from: 0, to: 0x80 };
const hex = (suffix: number) => suffix.toString(16).padStart(2, '0');

describe('Reading some suffixes of streams from EventStoreDB', () => {
  let server: EventStoreServer;
  let store: EventStore;
  beforeEach(async () => {
    server = await startEventStoreServer();
    store = await openEventStoreDb(server.url, { answerMs: PATIENT_MS });
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  const preload = (...ends: string[]) =>
    server.preload(ends.map((end) => ({ stream: `s-${end}`, type: 'Counted', data: {}, metadata: {} })));
  const endsOf = (events: readonly { readonly stream: string }[]) => events.map(({ stream }) => stream.slice(2));
  const read = (after = 0n, more: { limit?: number; maxBytes?: number } = {}) =>
    store.readAll({ after, limit: 100, suffixes: LOWER_HALF, ...more });
  /** What was asked of the server since: whether with a filter. */
  const filtersAsked = (since: number) =>
    server.calls.slice(since).map((call) => call.rpc === 'read' && call.filter !== null);

  it('is sent those streams alone, in the order of the log, in pages', async () => {
    preload('00', 'ff', '7f', '80', 'a', 'other', '3c', 'ee');
    const before = server.calls.length;
    const first = await read(0n, { limit: 3 });
    expect(endsOf(first)).to.deep.equal(['00', '7f', 'a']);
    expect(endsOf(await read(first.at(-1)?.position, { limit: 3 }))).to.deep.equal(['other', '3c']);
    expect(filtersAsked(before)).to.deep.equal([true, true]);
  });

  it('goes on from a position where an event of another stream is', async () => {
    preload('00', 'ff', '7f');
    expect(endsOf(await read(server.log.find(({ stream }) => stream === 's-ff')?.position))).to.deep.equal(['7f']);
  });

  it('keeps within so many bytes of the log', async () => {
    preload(...Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? '00' : 'ff')));
    const [first, , , fourth] = server.log;
    const maxBytes = Number((fourth?.position ?? 0n) - (first?.position ?? 0n));
    expect(endsOf(await read(0n, { maxBytes }))).to.deep.equal(['00']);
  });

  it('believes that nothing is left only when it was not found among all streams', async () => {
    preload('00', 'ff', 'ee');
    const before = server.calls.length;
    const last = await read(server.log[0]?.position);
    expect(endsOf(last)).to.deep.equal(['ff', 'ee']);
    preload('ff', '00');
    expect(endsOf(await read(last.at(-1)?.position))).to.deep.equal(['ff', '00']);
    expect(filtersAsked(before)).to.deep.equal([true, false, false]);
    expect(endsOf(await read(0n)), 'from further back').to.deep.equal(['00', '00']);
  });

  it('reads all streams of a server that does not filter reads', async () => {
    preload('00', 'ff');
    const before = server.calls.length;
    server.misbehave.hiccup(1);
    expect(endsOf(await read())).to.deep.equal(['00', 'ff']);
    expect(filtersAsked(before)).to.deep.equal([true, false]);
  });

  it('asks for names of every range of suffixes rightly', () => {
    const ends = Array.from({ length: 256 }, (_, n) => n);
    for (const from of [0, 1, 0x0f, 0x10, 0x7f, 0xf0, 0xff])
      for (const to of [1, 2, 0x10, 0x11, 0x80, 0xff, 0x100].filter((end) => end > from)) {
        const names = new RegExp(namesOf({ from, to }));
        const found = ends.filter((end) => names.test(`s-${hex(end)}`));
        expect(found, `${from} to ${to}`).to.deep.equal(ends.slice(from, to));
        for (const other of ['s-0g', 's-g0', 's-', 'g', '0', 's-F0', 's-0F', 's-0\n', 's-\n0', 's-00\n'])
          expect(names.test(other), JSON.stringify(other)).to.equal(true);
      }
  });
});
