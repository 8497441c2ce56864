/**
 * What every EventStore must do. On a server the log is shared with other tests, so nothing here expects an empty log,
 * dense positions, or that nobody else appended before.
 */
import { expect } from 'chai';
import type { AppendResult, EventStore, JsonObject, NewEvent, RecordedEvent } from '@creator-dashboards/shared/ports';
import { newEvent, newEvents, newStream } from './events.js';

/** A store under test. `reopen` closes it and opens the same log again; `close` closes whichever is open. */
export interface OpenedEventStore {
  readonly store: EventStore;
  reopen(): Promise<EventStore>;
  close(): Promise<void>;
}

export function eventStoreContract(name: string, open: () => Promise<OpenedEventStore>): void {
  describe(`${name}, by the contract of an event store:`, () => {
    let opened: OpenedEventStore;
    let store: EventStore;
    let stream: string;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      stream = newStream();
    });
    afterEach(() => opened.close());

    describe('an append', () => {
      it('numbers the events of a stream 0, 1, 2 … and returns the last revision and position', async () => {
        const first = await appended(store, stream, 'no_stream', newEvents(2));
        const second = await appended(store, stream, 1n, newEvents(1));

        const events = await store.readStream(stream);
        expect(events.map((event) => event.revision)).to.deep.equal([0n, 1n, 2n]);
        expect([first.revision, second.revision]).to.deep.equal([1n, 2n]);
        expect([first.position, second.position]).to.deep.equal([events[1]?.position, events[2]?.position]);
      });

      it('stores what can be read back', async () => {
        const event = newEvent({ type: 'PayoutRequested', data: { amount: 1250, tags: ['a', 'b'], note: null } });
        await store.append(stream, 'no_stream', [event]);

        const [read] = await store.readStream(stream);
        expect(read?.stream).to.equal(stream);
        expect(plain(read)).to.deep.equal(event);
      });

      it('increases positions from append to append and within one', async () => {
        await store.append(stream, 'no_stream', newEvents(3));
        await store.append(newStream(), 'no_stream', newEvents(1));
        await store.append(stream, 2n, newEvents(2));

        const positions = (await store.readStream(stream)).map((event) => event.position);
        expect(positions).to.have.length(5);
        expect(isIncreasing(positions)).to.equal(true);
      });

      it('conflicts when it expects no stream and the stream exists', async () => {
        await store.append(stream, 'no_stream', newEvents(1));
        expect(await store.append(stream, 'no_stream', newEvents(1))).to.deep.equal({ ok: false });
      });

      it('conflicts when its expected revision is behind, ahead, or of a stream that does not exist', async () => {
        expect(await store.append(stream, 0n, newEvents(1))).to.deep.equal({ ok: false });
        await store.append(stream, 'no_stream', newEvents(3));
        for (const expected of [0n, 1n, 3n, 99n]) {
          expect(await store.append(stream, expected, newEvents(1)), `at ${expected}`).to.deep.equal({ ok: false });
        }
        expect(await store.readStream(stream)).to.have.length(3);
      });

      it('writes nothing of a batch on a conflict', async () => {
        await store.append(stream, 'no_stream', newEvents(1));
        const head = await store.head();
        await store.append(stream, 'no_stream', newEvents(5));
        expect(await store.readStream(stream)).to.have.length(1);
        expect(await store.readAll({ after: head, limit: 10 })).to.deep.equal([]);
      });

      it('succeeds for exactly one of many parallel no_stream appends', async () => {
        const batches = Array.from({ length: 16 }, () => newEvents(2));
        const results = await Promise.all(batches.map((batch) => store.append(stream, 'no_stream', batch)));

        const winner = results.findIndex((result) => result.ok);
        expect(results.filter((result) => result.ok)).to.have.length(1);
        expect((await store.readStream(stream)).map(plain)).to.deep.equal(batches[winner]);
      });

      it('keeps every one of 64 parallel batches to one stream, each at its own revision', async () => {
        const events = newEvents(64);
        await Promise.all(events.map((event) => appendAtEnd(store, stream, event)));

        const read = await store.readStream(stream);
        expect(read.map((event) => event.revision)).to.deep.equal(events.map((_, index) => BigInt(index)));
        expect(idsOf(read)).to.have.members(idsOf(events));
      });

      it('keeps 64 parallel batches to different streams apart', async () => {
        const batches = Array.from({ length: 64 }, () => ({ stream: newStream(), events: newEvents(2) }));
        const results = await Promise.all(
          batches.map((batch) => store.append(batch.stream, 'no_stream', batch.events)),
        );

        expect(results.every((result) => result.ok)).to.equal(true);
        for (const batch of batches)
          expect(idsOf(await store.readStream(batch.stream))).to.deep.equal(idsOf(batch.events));
      });

      it('fails on its own conflict only, among parallel ones', async () => {
        await store.append(stream, 'no_stream', newEvents(1));
        const others = [newStream(), newStream()];
        const results = await Promise.all([
          store.append(others[0] as string, 'no_stream', newEvents(1)),
          store.append(stream, 7n, newEvents(1)),
          store.append(others[1] as string, 'no_stream', newEvents(1)),
        ]);
        expect(results.map((result) => result.ok)).to.deep.equal([true, false, true]);
      });
    });

    describe('an append that is sent again', () => {
      it('returns the first result and writes nothing', async () => {
        const batches = [newEvents(2), newEvents(3)] as const;
        const first = await store.append(stream, 'no_stream', batches[0]);
        const second = await store.append(stream, 1n, batches[1]);
        const head = await store.head();

        expect(first).to.have.property('repeated', false);
        expect(await store.append(stream, 'no_stream', batches[0])).to.deep.equal({ ...first, repeated: true });
        expect(await store.append(stream, 1n, batches[1])).to.deep.equal({ ...second, repeated: true });
        expect(await store.readStream(stream)).to.have.length(5);
        expect(await store.readAll({ after: head, limit: 1 })).to.deep.equal([]);
      });

      it('returns the first result after the store was reopened', async () => {
        const batch = newEvents(2);
        const first = await store.append(stream, 'no_stream', batch);
        store = await opened.reopen();

        expect(await store.append(stream, 'no_stream', batch)).to.deep.equal({ ...first, repeated: true });
        expect(await store.readStream(stream)).to.have.length(2);
      });

      it('keeps the first data when events of the same ids have other data', async () => {
        const batch = newEvents(2);
        await store.append(stream, 'no_stream', batch);
        const other = batch.map((event) => ({ ...event, data: { other: true } }));
        expect(await store.append(stream, 'no_stream', other)).to.include({ ok: true, repeated: true });
        expect((await store.readStream(stream)).map(({ data }) => data)).to.deep.equal(batch.map(({ data }) => data));
      });

      it('writes once when sent twice at the same time', async () => {
        const batch = newEvents(2);
        const [one, other] = await Promise.all([
          store.append(stream, 'no_stream', batch),
          store.append(stream, 'no_stream', batch),
        ]);
        expect(one).to.include({ ok: true, repeated: false });
        expect(other).to.deep.equal({ ...one, repeated: true });
        expect(await store.readStream(stream)).to.have.length(2);
      });

      it('conflicts when only a part of the batch is the same', async () => {
        const batch = newEvents(3);
        await store.append(stream, 'no_stream', batch);
        const [first, second] = batch as [NewEvent, NewEvent, NewEvent];

        expect(await store.append(stream, 'no_stream', [first, newEvent()])).to.deep.equal({ ok: false });
        expect(await store.append(stream, 'no_stream', [second])).to.deep.equal({ ok: false });
        expect(await store.append(stream, 'no_stream', [...batch, newEvent()])).to.deep.equal({ ok: false });
        expect(await store.readStream(stream)).to.have.length(3);
      });
    });

    describe('an append with invalid arguments', () => {
      const cyclic: Record<string, unknown> = {};
      cyclic['self'] = cyclic;
      const beyondJson: Record<string, unknown> = {
        'a bigint': 1n,
        'not a number': NaN,
        infinity: Infinity,
        'a function': () => 1,
        'a symbol': Symbol('s'),
        'a date': new Date(0),
        'a map': new Map(),
        'undefined in an array': [undefined],
        'a cycle': cyclic,
      };
      for (const [what, value] of Object.entries(beyondJson)) {
        // The types forbid these values, but data from outside may contain them.
        const event = newEvent({ data: { deep: [{ value }] } as unknown as JsonObject });
        it(`throws RangeError for ${what}`, () => refuses([newEvent(), event]));
      }

      it('throws RangeError for an empty batch', () => refuses([]));
      it('throws RangeError for an empty type', () => refuses([newEvent({ type: '' })]));
      it('throws RangeError for an empty stream name', async () => {
        expect(await failure(store.append('', 'no_stream', newEvents(1)))).to.be.instanceOf(RangeError);
      });
      it('throws RangeError for more than 1 MiB', () =>
        refuses(Array.from({ length: 4 }, () => newEvent({ data: { text: 'é'.repeat(150_000) } }))));

      it('accepts a batch just below 1 MiB', async () => {
        const batch = Array.from({ length: 3 }, () => newEvent({ data: { text: 'é'.repeat(150_000) } }));
        await appended(store, stream, 'no_stream', batch);
        expect(await store.readStream(stream)).to.have.length(3);
      });

      async function refuses(events: NewEvent[]): Promise<void> {
        expect(await failure(store.append(stream, 'no_stream', events))).to.be.instanceOf(RangeError);
        expect(await store.readStream(stream)).to.deep.equal([]);
      }
    });

    describe('the content of an event', () => {
      it('keeps any JSON as it was', async () => {
        const data = JSON.parse(`{
          "": "empty key", "empty": "", "emoji": "👩‍👩‍👧 ñ 漢字 \\u0000 \\ud800 \\u2028", "__proto__": {"constructor": 1}, "$ref": "a.b",
          "nested": {"nulls": [null, {"a": null}, []], "empty": {}}, "numbers": [0, -1.5, 1e300, 9007199254740991], "yes": true
        }`) as JsonObject;
        const event = newEvent({ data, type: 'Ünïcödé 🎉' });
        const unicode = newStream('поток 🎉');
        await store.append(unicode, 'no_stream', [event]);

        const [read] = await store.readStream(unicode);
        expect(read).to.include({ stream: unicode, type: event.type });
        expect(JSON.stringify(read?.data)).to.equal(JSON.stringify(data));
        expect(Object.hasOwn(read?.data ?? {}, '__proto__')).to.equal(true);
      });

      it('treats an undefined property as absent', async () => {
        await store.append(stream, 'no_stream', [newEvent({ data: { here: 1, gone: undefined } })]);
        const [read] = await store.readStream(stream);
        expect(Object.keys(read?.data ?? {})).to.deep.equal(['here']);
      });

      it('is not changed by later changes to the appended object', async () => {
        const data: Record<string, number> = { n: 1 };
        const pending = store.append(stream, 'no_stream', [newEvent({ data })]);
        data['n'] = 2;
        await pending;
        expect((await store.readStream(stream))[0]?.data).to.deep.equal({ n: 1 });
      });
    });

    describe('readStream', () => {
      const revisions = (events: readonly RecordedEvent[]) => events.map((event) => Number(event.revision));

      beforeEach(() => store.append(stream, 'no_stream', newEvents(5)));

      it('is empty for a stream that does not exist', async () => {
        expect(await store.readStream(newStream())).to.deep.equal([]);
        expect(await store.readStream(newStream(), { direction: 'backwards', from: 3n })).to.deep.equal([]);
      });

      it('reads forwards from a revision, inclusive', async () => {
        expect(revisions(await store.readStream(stream))).to.deep.equal([0, 1, 2, 3, 4]);
        expect(revisions(await store.readStream(stream, { from: 3n }))).to.deep.equal([3, 4]);
        expect(revisions(await store.readStream(stream, { from: 5n }))).to.deep.equal([]);
      });

      it('reads backwards from the end or from a revision, inclusive', async () => {
        const direction = 'backwards';
        expect(revisions(await store.readStream(stream, { direction }))).to.deep.equal([4, 3, 2, 1, 0]);
        expect(revisions(await store.readStream(stream, { direction, from: 2n }))).to.deep.equal([2, 1, 0]);
        expect(revisions(await store.readStream(stream, { direction, from: 99n, limit: 2 }))).to.deep.equal([4, 3]);
      });

      it('returns at most `limit` events', async () => {
        expect(revisions(await store.readStream(stream, { limit: 2 }))).to.deep.equal([0, 1]);
        expect(revisions(await store.readStream(stream, { from: 1n, limit: 2 }))).to.deep.equal([1, 2]);
        expect(revisions(await store.readStream(stream, { direction: 'backwards', limit: 1 }))).to.deep.equal([4]);
        expect(revisions(await store.readStream(stream, { limit: 99 }))).to.deep.equal([0, 1, 2, 3, 4]);
      });
    });

    describe('the whole log', () => {
      /** Appends `count` events alternately to two streams, one by one; answers their ids in the order of the log. */
      async function fill(count: number): Promise<string[]> {
        const streams = [newStream(), newStream()];
        const events = newEvents(count);
        for (const [index, event] of events.entries()) await appendAtEnd(store, streams[index % 2] as string, event);
        return idsOf(events);
      }

      it('is read in the order of the appends, after a position, exclusive', async () => {
        const start = await store.head();
        const ids = await fill(6);

        const all = await store.readAll({ after: start, limit: 100 });
        expect(idsOf(all)).to.deep.equal(ids);
        expect(isIncreasing(all.map((event) => event.position))).to.equal(true);
        const third = all[2] as RecordedEvent;
        expect(idsOf(await store.readAll({ after: third.position, limit: 100 }))).to.deep.equal(ids.slice(3));
      });

      it('is read by those suffixes of stream names that are asked for, with every stream that ends in no two hex digits', async () => {
        const start = await store.head();
        const streams = ['00', '7f', '80', 'ff', 'other'].map((end) => `${newStream()}-${end}`);
        const events = newEvents(10);
        for (const [index, event] of events.entries()) await appendAtEnd(store, streams[index % 5] as string, event);
        const found: RecordedEvent[] = [];
        const suffixes = { from: 0, to: 0x80 };
        for (let after = start; ;) {
          const page = await store.readAll({ after, limit: 2, suffixes });
          const last = page.at(-1);
          if (!last) break;
          found.push(...page);
          after = last.position;
        }
        expect(isIncreasing(found.map(({ position }) => position))).to.equal(true);
        const asked = events.filter((_, index) => [0, 1, 4].includes(index % 5)).map(({ id }) => id);
        expect(idsOf(found).filter((id) => asked.includes(id))).to.deep.equal(asked);
      });

      it('is read by those types that are asked for', async () => {
        const start = await store.head();
        const types = ['Asked', 'AskedToo'];
        const events = ['Asked', 'Other', 'AskedToo', 'NotAsked', 'Asked', 'Other'].map((type) => newEvent({ type }));
        for (const event of events) await appendAtEnd(store, newStream(), event);
        const found: RecordedEvent[] = [];
        for (let after = start; ;) {
          const page = await store.readAll({ after, limit: 2, types });
          const last = page.at(-1);
          if (!last) break;
          found.push(...page);
          after = last.position;
        }
        expect(isIncreasing(found.map(({ position }) => position))).to.equal(true);
        const asked = events.filter(({ type }) => types.includes(type)).map(({ id }) => id);
        expect(idsOf(found).filter((id) => asked.includes(id))).to.deep.equal(asked);
      });

      it('is read in pages of `limit` events without loss', async () => {
        const start = await store.head();
        const ids = await fill(7);
        const pieces = await readInPieces(store, start, { limit: 3 });
        expect(pieces.map((piece) => piece.length)).to.deep.equal([3, 3, 1]);
        expect(idsOf(pieces.flat())).to.deep.equal(ids);
      });

      it('is read in pages of a bounded size without loss', async () => {
        const start = await store.head();
        const events = Array.from({ length: 6 }, () => newEvent({ data: { text: 'x'.repeat(10_000) } }));
        await store.append(stream, 'no_stream', events);

        const pieces = await readInPieces(store, start, { limit: 100, maxBytes: 35_000 });
        expect(Math.max(...pieces.map((piece) => piece.length))).to.be.within(1, 3);
        expect(idsOf(pieces.flat())).to.deep.equal(idsOf(events));
      });

      it('is read one event at a time when each exceeds the size', async () => {
        const start = await store.head();
        const events = newEvents(3);
        await store.append(stream, 'no_stream', events);
        const pieces = await readInPieces(store, start, { limit: 100, maxBytes: 1 });
        expect(pieces.map(idsOf)).to.deep.equal(events.map((event) => [event.id]));
      });

      it('is shared by its consumers in pages of any size, each of which sees all of it, also what is appended meanwhile', async () => {
        const start = await store.head();
        const first = await fill(30);
        const seen = new Map([7, 3, 10].map((limit) => [limit, { after: start, ids: [] as string[] }]));
        async function step(limit: number): Promise<boolean> {
          const reader = seen.get(limit) ?? expect.fail();
          const page = await store.readAll({ after: reader.after, limit, recent: true });
          reader.ids.push(...idsOf(page));
          reader.after = page.at(-1)?.position ?? reader.after;
          expect(page.length).to.be.at.most(limit);
          return page.length > 0;
        }
        for (const limit of [7, 3, 10, 10, 3]) await step(limit);
        const second = await fill(5);
        for (const limit of seen.keys()) while (await step(limit));
        const third = await fill(1);
        for (const limit of seen.keys()) while (await step(limit));
        for (const { ids } of seen.values()) expect(ids).to.deep.equal([...first, ...second, ...third]);
      });

      it('is shared by its consumers in whole pages, also where somebody has looked at one event', async () => {
        const start = await store.head();
        const ids = await fill(30);
        for (const limit of [1, 20, 20]) {
          const page = await store.readAll({ after: start, limit, recent: true });
          expect(idsOf(page)).to.deep.equal(ids.slice(0, limit));
        }
      });

      it('is shared by its consumers in pages of a bounded size', async () => {
        const start = await store.head();
        const events = Array.from({ length: 6 }, () => newEvent({ data: { text: 'x'.repeat(10_000) } }));
        await store.append(stream, 'no_stream', events);
        for (const maxBytes of [200_000, 35_000]) {
          const pieces = await readInPieces(store, start, { limit: 100, maxBytes, recent: true });
          if (maxBytes === 35_000) expect(Math.max(...pieces.map((piece) => piece.length))).to.be.within(1, 3);
          expect(idsOf(pieces.flat())).to.deep.equal(idsOf(events));
        }
      });

      it('has the same events as the streams', async () => {
        const start = await store.head();
        await store.append(stream, 'no_stream', newEvents(3));
        const all = await store.readAll({ after: start, limit: 3 });
        expect(all.map(whole)).to.deep.equal((await store.readStream(stream)).map(whole));
      });

      it('ends at the head', async () => {
        const { position } = await appended(store, stream, 'no_stream', newEvents(2));
        expect(await store.head()).to.equal(position);
        expect(await store.readAll({ after: position, limit: 10 })).to.deep.equal([]);
        expect(await store.readAll({ after: position + 1_000_000n, limit: 10 })).to.deep.equal([]);
      });

      it('returns one event by its exact position', async () => {
        const { position } = await appended(store, stream, 'no_stream', newEvents(3));
        const [, , last] = await store.readStream(stream);
        const found = await store.readAt(position);
        expect(found && whole(found)).to.deep.equal(last && whole(last));
        expect(await store.readAt(position + 1n)).to.equal(null);
      });

      it('returns many events by their exact positions, in the order asked for, without those that are not there', async () => {
        const start = await store.head();
        await appended(store, stream, 'no_stream', newEvents(3));
        const [first, second, third] = await store.readAll({ after: start, limit: 3 });
        if (!first || !second || !third) throw new Error('three events were appended');
        const asked = [third.position, third.position + 1n, first.position, second.position, 0n];
        const found = await store.readMany(asked);
        expect(found.map(whole)).to.deep.equal([third, first, second].map(whole));
        expect(await store.readMany([])).to.deep.equal([]);
      });

      it('counts the events after a position, at least roughly', async () => {
        const start = await store.head();
        const { position } = await appended(store, stream, 'no_stream', newEvents(50));
        expect(await store.countAfter(position)).to.equal(0);
        expect(await store.countAfter(position + 1_000_000n)).to.equal(0);
        expect(await store.countAfter(start)).to.be.within(1, 5_000);
      });
    });

    describe('onAppend', () => {
      it('wakes every subscriber after an append, which can then be read', async () => {
        const start = await store.head();
        const woken = Promise.all([nextWake(store), nextWake(store)]);
        const events = newEvents(1);
        await store.append(stream, 'no_stream', events);
        await woken;
        expect(idsOf(await store.readAll({ after: start, limit: 10 }))).to.deep.equal(idsOf(events));
      });

      it('keeps waking for later appends', async () => {
        for (let round = 0; round < 3; round++) {
          const woken = nextWake(store);
          await appendAtEnd(store, stream, newEvent());
          await woken;
        }
      });

      it('wakes nobody who has unsubscribed; unsubscribing twice is harmless', async () => {
        let calls = 0;
        const unsubscribe = store.onAppend(() => calls++);
        unsubscribe();
        unsubscribe();
        const woken = nextWake(store);
        await store.append(stream, 'no_stream', newEvents(1));
        await woken;
        expect(calls).to.equal(0);
      });
    });

    it('keeps everything acknowledged when it is reopened', async () => {
      const events = newEvents(3);
      const { position } = await appended(store, stream, 'no_stream', events);
      store = await opened.reopen();

      expect((await store.readStream(stream)).map(plain)).to.deep.equal(events);
      expect(await store.head()).to.equal(position);
      await appended(store, stream, 2n, newEvents(1));
    });
  });
}

/** Appends and insists on success. */
export async function appended(...args: [EventStore, ...Parameters<EventStore['append']>]) {
  const [store, ...rest] = args;
  const result: AppendResult = await store.append(...rest);
  if (!result.ok) throw new Error(`an append to ${rest[0]} met a conflict`);
  return result;
}

/** Appends after whatever is there, retrying after every conflict, as the command loop does. */
export async function appendAtEnd(store: EventStore, stream: string, event: NewEvent): Promise<void> {
  for (;;) {
    const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
    if ((await store.append(stream, last?.revision ?? 'no_stream', [event])).ok) return;
  }
}

/** Resolves at the next wake-up. */
export function nextWake(store: EventStore): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = store.onAppend(() => {
      unsubscribe();
      resolve();
    });
  });
}

async function readInPieces(
  store: EventStore,
  after: bigint,
  bounds: { limit: number; maxBytes?: number; recent?: boolean },
) {
  const pieces: RecordedEvent[][] = [];
  for (;;) {
    const piece = await store.readAll({ after, ...bounds });
    const last = piece.at(-1);
    if (!last) return pieces;
    pieces.push(piece);
    after = last.position;
  }
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it resolved, but should have failed'),
    (error: unknown) => error,
  );
}

function idsOf(events: readonly NewEvent[]): string[] {
  return events.map((event) => event.id);
}

/** What was appended, as a plain object: `data` and `metadata` of a recorded event may be getters. */
function plain(event: NewEvent | undefined): NewEvent | undefined {
  return event && { id: event.id, type: event.type, data: event.data, metadata: event.metadata };
}

function whole(event: RecordedEvent): RecordedEvent {
  const { stream, revision, position, id, type, data, metadata } = event;
  return { stream, revision, position, id, type, data, metadata };
}

function isIncreasing(numbers: readonly bigint[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] as bigint));
}
