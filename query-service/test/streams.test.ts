/** GET /admin/streams/:stream: one stream from either end, and its chain of hashes. */
import type { RouteResponse } from '@creator-dashboards/shared/http/route';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { creatorId, strangerId, T0, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { expect } from 'chai';
import type { ShownEvent } from '../src/audit/show.js';
import { streamRoutes } from '../src/audit/streams.js';

const stream = `creator-${creatorId}`;
const onCreator = onStream(stream, { userId, creatorId });
const taxForm = (n: number) => onCreator(n % 2 ? 'TaxFormRevoked' : 'TaxFormApproved', { at: T0 });
const stranger = onStream(`user-${strangerId}`, { userId: strangerId });

/** Revisions 0 to 2 of the creator at the positions 10, 30 and 40. */
const events = history([
  taxForm(0),
  stranger('UserReactivated', { userId: strangerId, statusAfter: 'ACTIVE' }),
  taxForm(1),
  taxForm(2),
]);
const withEvent = (index: number, change: Partial<RecordedEvent>) =>
  events.map((event, n) => (n === index ? { ...event, ...change } : event));

interface Page {
  readonly items: readonly ShownEvent[];
  readonly next: string | null;
  readonly chainIntact: boolean;
  readonly chainBrokenAt: string | null;
}

async function pageOf(log: readonly RecordedEvent[], asked: object = {}, name = stream): Promise<Page> {
  const reads = {
    async readStream(of: string, { from, direction = 'forwards', limit = Infinity }: ReadOptions = {}) {
      const all = log.filter((event) => event.stream === of);
      const ordered = direction === 'forwards' ? all : all.toReversed();
      const isPast = ({ revision }: RecordedEvent) =>
        from === undefined || (direction === 'forwards' ? revision >= from : revision <= from);
      return ordered.filter(isPast).slice(0, limit);
    },
  };
  const sealer = { open: () => Promise.reject(new Error('of another kind')), forget: () => undefined };
  const [route] = streamRoutes(reads, { sealer, access: unrecorded });
  const request = {
    params: { stream: name },
    query: { limit: 50, order: 'oldest', reveal: false, ...asked },
    actor: { userId, role: 'AUDITOR' },
  };
  return ((await route?.handle(request as never)) as RouteResponse).data as Page;
}
type ReadOptions = { from?: bigint; direction?: 'forwards' | 'backwards'; limit?: number };

async function allOf(log: readonly RecordedEvent[], asked: object): Promise<Page[]> {
  const pages = [await pageOf(log, asked)];
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next)
    pages.push(await pageOf(log, { ...asked, cursor: next }));
  return pages;
}

const revisions = (pages: readonly Page[]) => pages.flatMap(({ items }) => items.map(({ revision }) => revision));

describe('One stream of the log', () => {
  it('is shown with metadata, positions and revisions as strings', async () => {
    const page = await pageOf(events);
    expect(page.items.map(({ revision, position }) => [revision, position])).to.deep.equal([
      ['0', '10'],
      ['1', '30'],
      ['2', '40'],
    ]);
    expect(page.items[1]).to.deep.include({
      ...{ type: 'TaxFormRevoked', stream, readable: true },
      ...{ data: { at: T0 }, metadata: { ...events[2]?.metadata } },
    });
    expect(page).to.deep.include({ stream, next: null, chainIntact: true, chainBrokenAt: null });
  });

  for (const [order, expected] of [
    ['oldest', ['0', '1', '2']],
    ['newest', ['2', '1', '0']],
  ] as const)
    it(`is shown with the ${order} first on pages of any size, each with its unbroken chain`, async () => {
      for (const limit of [1, 2, 3, 200]) {
        const pages = await allOf(events, { order, limit });
        expect(revisions(pages), `limit ${limit}`).to.deep.equal(expected);
        expect(pages.map(({ chainIntact }) => chainIntact)).to.not.include(false);
        expect(pages).to.have.length(Math.ceil(3 / limit));
      }
    });

  it('accepts a cursor for its own order and stream only', async () => {
    const { next } = await pageOf(events, { limit: 1 });
    for (const [asked, name] of [
      [{ order: 'newest' }, stream],
      [{}, `user-${strangerId}`],
    ] as const) {
      const refused = await pageOf(events, { ...asked, cursor: next }, name).catch((error: unknown) => error);
      expect(refused).to.have.property('key', 'admin.events.invalid_cursor');
    }
  });

  for (const order of ['oldest', 'newest'])
    it(`shows a changed event by the hash in the one after it, with the ${order} first`, async () => {
      const log = withEvent(0, { data: { at: '2026-05-01T00:00:00.000Z' } });
      expect(await pageOf(log, { order })).to.include({ chainIntact: false, chainBrokenAt: '1' });
      const pages = await allOf(log, { order, limit: 1 });
      const broken = pages.filter(({ chainIntact }) => !chainIntact);
      expect(broken.map(({ items }) => items[0]?.revision)).to.deep.equal(['1']);
    });

  it('shows that an event is missing, or the first one', async () => {
    for (const order of ['oldest', 'newest']) {
      const gap = events.filter((_, index) => index !== 2);
      expect(await pageOf(gap, { order }), order).to.include({ chainIntact: false, chainBrokenAt: '2' });
      const beheaded = events.filter((_, index) => index !== 0);
      expect(await pageOf(beheaded, { order }), order).to.include({ chainIntact: false, chainBrokenAt: '1' });
    }
  });

  it('passes over snapshots, which are not history', async () => {
    const snapshot = { ...(events[2] as RecordedEvent).metadata, snapshot: { state: 'secret' } };
    const page = await pageOf(withEvent(2, { metadata: snapshot }));
    expect(page.chainIntact).to.equal(true);
    expect(JSON.stringify(page)).to.not.include('snapshot');
  });

  it('shows a broken chain after an event without metadata, without an error', async () => {
    const first = { ...(events[0] as RecordedEvent), metadata: null as never };
    const second = { ...(events[2] as RecordedEvent), metadata: metadata({ prevHash: 'x' }) };
    expect(await pageOf([first, second])).to.include({ chainIntact: false, chainBrokenAt: '0' });
  });

  it('is empty and whole where it does not exist', async () => {
    expect(await pageOf(events, {}, 'creator-x')).to.deep.equal({
      ...{ stream: 'creator-x', items: [], next: null },
      ...{ chainIntact: true, chainBrokenAt: null },
    });
  });
});
