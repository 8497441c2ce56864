import type { RecordedEvent, Role } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { toInstant } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import fc from 'fast-check';
import { entriesOf } from '../src/audit/indexer.js';
import { search, TAIL_MAX, type Searched, type Wanted } from '../src/audit/search.js';
import type { Name } from '../src/audit/terms.js';

/** A log of which a growing part is in the index, as it is while events arrive. */
async function logOf(events: readonly RecordedEvent[], indexed: number) {
  let known = events.length;
  const index = memoryAuditIndex();
  const shown = () => events.slice(0, known);
  const grow = async (to: number) => {
    const state = await index.state();
    const { entries, next } = entriesOf(state, events.slice(state.size, to));
    if (entries.length > 0) await index.add(entries, next);
  };
  await grow(indexed);
  const searched: Searched = {
    index,
    events: {
      readStream: async () => [],
      readAll: async ({ after, limit }) =>
        shown()
          .filter(({ position }) => position > after)
          .slice(0, limit),
      readMany: async (asked) => asked.flatMap((at) => shown().find(({ position }) => position === at) ?? []),
      head: async () => shown().at(-1)?.position ?? 0n,
    },
  };
  return { searched, grow, hideFrom: (count: number) => (known = count) };
}

const T0 = Date.parse('2026-05-01T12:00:00.000Z');
const someone = (max: number) => fc.integer({ min: 0, max }).map((n) => `p${n}`);

const happened = fc.record({
  stream: fc.constantFrom('user-p0', 'user-p1', 'creator-p2', 'message-p3'),
  type: fc.constantFrom('A', 'B', 'C'),
  userId: someone(2),
  fanId: fc.option(someone(2), { nil: undefined }),
  messageId: fc.option(someone(4), { nil: undefined }),
  moneyFor: fc.option(someone(4), { nil: undefined }),
  role: fc.constantFrom<Role>('USER', 'ADMIN', 'SYSTEM'),
  correlation: someone(5),
  minutes: fc.integer({ min: 0, max: 20 }),
});

/** Clocks differ by up to 20 minutes here, so times are not in the order of the log. */
const histories = fc.array(happened, { maxLength: 40 }).map((list) =>
  list.map(({ stream, type, userId, fanId, messageId, moneyFor, role, correlation, minutes }, n): RecordedEvent => {
    const actor = { userId: role === 'SYSTEM' ? null : userId, role };
    const keys = { userId, ...(fanId && { fanId }), ...(messageId && { messageId }) };
    const occurredAt = toInstant(T0 + (n + minutes) * 60_000);
    return {
      ...{ id: `event ${n}`, stream, type, revision: BigInt(n), position: BigInt(n + 1) * 7n },
      data: { ...(moneyFor && { messageId: moneyFor }) },
      metadata: { ...metadata({ actor, occurredAt }), $correlationId: correlation, keys },
    };
  }),
);

const names = fc.oneof(
  fc.constantFrom<Name>(
    ['stream', 'user-p0'],
    ['category', 'user'],
    ['category', 'message'],
    ['type', 'A'],
    ['type', 'B'],
  ),
  fc.constantFrom<Name>(['actor', 'SYSTEM'], ['actor', 'p0'], ['userId', 'p0'], ['userId', 'p1'], ['about', 'p3']),
  fc.constantFrom<Name>(['correlationId', 'p1'], ['eventId', 'event 3'], ['type', 'none']),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const wanteds: fc.Arbitrary<Wanted> = fc.record({
  names: fc.array(fc.array(names, { minLength: 1, maxLength: 2 }), { maxLength: 3 }),
  since: maybe(fc.integer({ min: 0, max: 60 }).map((n) => T0 + n * 60_000)),
  until: maybe(fc.integer({ min: 0, max: 60 }).map((n) => T0 + n * 60_000)),
  first: maybe(fc.integer({ min: 0, max: 300 }).map(BigInt)),
  last: maybe(fc.integer({ min: 0, max: 300 }).map(BigInt)),
  direction: fc.constantFrom('forwards', 'backwards'),
});

/** What a search must find, by looking at every event, in words of this test. */
function plain(
  events: readonly RecordedEvent[],
  { names: all, since, until, first, last, direction }: Wanted,
): string[] {
  const has = (
    { id, stream, type, data, metadata: { actor, keys, $correlationId } }: RecordedEvent,
    [filter, value]: Name,
  ) => {
    const values: Partial<Record<string, unknown[]>> = {
      eventId: [id],
      stream: [stream],
      category: [stream.split('-')[0]],
      type: [type],
      actor: [actor.userId ?? actor.role],
      correlationId: [$correlationId],
      userId: [keys.userId, keys.fanId],
      about: [keys.messageId, data.messageId],
    };
    return values[filter]?.includes(value);
  };
  const found = events.filter((event) => {
    const time = Date.parse(event.metadata.occurredAt);
    const inTime = time >= (since ?? time) && time <= (until ?? time);
    const inPlace = event.position >= (first ?? 0n) && event.position <= (last ?? event.position);
    return inTime && inPlace && all.every((any) => any.some((name) => has(event, name)));
  });
  const ids = found.map(({ id }) => id);
  return direction === 'forwards' ? ids : ids.reverse();
}

describe('A search of the log', () => {
  it('takes turns where long lists hardly ever agree, ends its page early, and still finds what they agree on', async () => {
    const LENGTH = 30_000;
    const metadataOf = metadata({ keys: {} });
    const event = (n: number): RecordedEvent => ({
      ...{ id: `event ${n}`, stream: n % 2 ? 'user-a' : 'creator-a', type: n % 2 || n === LENGTH ? 'A' : 'B' },
      ...{ revision: 0n, position: BigInt(n + 1), data: {}, metadata: metadataOf },
    });
    const events = Array.from({ length: LENGTH + 1 }, (_, n) => event(n));
    const { searched } = await logOf(events, events.length);
    let turn = 0;
    const count = () => {
      turn += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const longReads: number[] = [];
    const index: Searched['index'] = {
      ...searched.index,
      async having(term, options) {
        const read = await searched.index.having(term, options);
        if (read.length > 16) longReads.push(turn);
        return read;
      },
    };
    const readMany: Searched['events']['readMany'] = async (asked) =>
      asked.flatMap((position) => events[Number(position) - 1] ?? []);
    const wanted: Wanted = {
      ...{ names: [[['type', 'A']], [['category', 'creator']]], direction: 'forwards' },
      ...{ since: null, until: null, first: null, last: null },
    };
    const found: string[] = [];
    let pages = 0;
    for (let after: bigint | null = null; pages === 0 || after !== null; pages += 1) {
      const page = await search({ index, events: { ...searched.events, readMany } }, wanted, { after, limit: 10 });
      found.push(...page.events.map(({ id }) => id));
      after = page.next;
    }
    clearImmediate(counting);
    expect(found).to.deep.equal([`event ${LENGTH}`]);
    expect(pages, 'one page took all of the work').to.be.greaterThan(1);
    expect(new Set(longReads).size, 'each in a turn of its own').to.equal(longReads.length);
    expect(longReads.length).to.be.greaterThan(2);
  });

  it('finds, page by page, what looking at every event finds, however much of the log is in the index', () =>
    fc.assert(
      fc.asyncProperty(
        histories,
        wanteds,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(40),
        async (events, wanted, limit, part) => {
          const { searched, grow } = await logOf(events, Math.min(part, events.length));
          const found: string[] = [];
          for (let after: bigint | null = null, pages = 0; ; pages += 1) {
            expect(pages, 'pages without end').to.be.lessThan(100);
            const page = await search(searched, wanted, { after, limit });
            expect(page.events.length).to.be.at.most(limit);
            found.push(...page.events.map(({ id }) => id));
            if (page.next === null) break;
            after = page.next;
            await grow(Math.min(events.length, part + pages * 5)); // the index goes on meanwhile
          }
          expect(found).to.deep.equal(plain(events, wanted));
        },
      ),
      { numRuns: 300 },
    ));

  it('shows each event once, oldest first, while events arrive', () =>
    fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 5 }), async (events, limit) => {
        const wanted: Wanted = {
          ...{ names: [[['type', 'A']]], since: null, until: null, first: null, last: null, direction: 'forwards' },
        };
        const { searched, grow, hideFrom } = await logOf(events, 0);
        const found: string[] = [];
        let after: bigint | null = null;
        for (let known = 0; known <= events.length + 5; known += 3) {
          hideFrom(known);
          const page = await search(searched, wanted, { after, limit: limit * 10 });
          found.push(...page.events.map(({ id }) => id));
          after = page.events.at(-1)?.position ?? after;
          await grow(Math.min(known, events.length));
        }
        expect(found).to.deep.equal(plain(events, wanted));
      }),
      { numRuns: 100 },
    ));

  const anything: Wanted = { names: [], since: null, until: null, first: null, last: null, direction: 'backwards' };
  const many = (count: number) =>
    Array.from({ length: count }, (_, n): RecordedEvent => ({
      ...{ id: `event ${n}`, stream: 'user-x', type: n === 0 ? 'First' : 'Other', revision: BigInt(n) },
      ...{ position: BigInt(n + 1), data: {}, metadata: metadata() },
    }));

  it('finds by a message what moved money for it, which its data names', async () => {
    const [sent, held] = many(2) as [RecordedEvent, RecordedEvent];
    const message = { ...sent, metadata: metadata({ keys: { messageId: 'm' } }) };
    const about: Wanted = { ...anything, names: [[['about', 'm']]], direction: 'forwards' };
    for (const indexed of [0, 2]) {
      const { searched } = await logOf([message, { ...held, data: { messageId: 'm' } }], indexed);
      const { events } = await search(searched, about, { after: null, limit: 5 });
      expect(events.map(({ id }) => id)).to.deep.equal(['event 0', 'event 1']);
    }
  });

  it('asks to try again while too much of the log is not in the index yet', async () => {
    const { searched, grow } = await logOf(many(TAIL_MAX + 2), 0);
    const refused = await search(searched, anything, { after: null, limit: 5 }).catch((error: unknown) => error);
    expect(refused).to.include({ key: 'admin.events.catching_up' });
    await grow(TAIL_MAX);
    const { events } = await search(searched, anything, { after: null, limit: 2 });
    expect(events.map(({ position }) => position)).to.deep.equal([BigInt(TAIL_MAX + 2), BigInt(TAIL_MAX + 1)]);
  });

  it('looks at a bounded number of events for one page, and says where to go on', async () => {
    const { searched } = await logOf(many(4_500), 0);
    const wanted: Wanted = { ...anything, names: [[['type', 'First']]] };
    const sizes: number[] = [];
    for (let after: bigint | null = null; ;) {
      const page = await search(searched, wanted, { after, limit: 5 });
      sizes.push(page.events.length);
      if (page.next === null) break;
      after = page.next;
    }
    expect(sizes).to.deep.equal([0, 0, 1]);
  });
});
