import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { expect } from 'chai';
import { EMPTY_INDEX } from '@creator-dashboards/shared/audit-index';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import type { RouteResponse } from '@creator-dashboards/shared/http/route';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { encodeAfter, encodeCursor } from '../src/audit/cursor.js';
import { auditRoutes, type EventPage } from '../src/audit/events.js';
import { entriesOf } from '../src/audit/indexer.js';
import type { Searched } from '../src/audit/search.js';
import {
  adminId,
  creatorId,
  fanId,
  seal,
  strangerId,
  T0,
  userId,
} from '@creator-dashboards/shared/testing/fixtures/documents';
import { DamagedEvent } from '@creator-dashboards/shared/store-errors';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { openHarness, type Harness } from './harness.js';

const onUser = onStream(`user-${userId}`, { userId });
const onCreator = onStream(`creator-${creatorId}`, { userId, creatorId });
const onStranger = onStream(`user-${strangerId}`, { userId: strangerId });
const onMessage = onStream('message-1', { fanId, creatorUserId: userId, creatorId, messageId: '1' });

const bank = {
  iban: 'DE89370400440532013000',
  bankName: null,
  accountHolderName: 'Alice',
  swiftCode: null,
  bankCountry: 'DE',
};
const bankDetails = onCreator('BankDetailsUpdated', { bankDetails: seal(bank), hasIban: true });
const taxForm = (n: number) => onCreator(n % 2 ? 'TaxFormRevoked' : 'TaxFormApproved', { at: T0 });

/** Opens nothing. */
const sealer = { open: () => Promise.reject(new Error('of another kind')), forget: () => undefined };

/** A log in memory, and an index of its first events: of none unless told. */
function logOf(events: readonly RecordedEvent[], indexed = 0): Searched {
  const index = memoryAuditIndex();
  const { entries, next } = entriesOf(EMPTY_INDEX, events.slice(0, indexed));
  if (indexed > 0) void index.add(entries, next);
  return {
    index,
    events: {
      async readStream(stream, { from = 0n, limit = Infinity } = {}) {
        return events.filter((one) => one.stream === stream && one.revision >= from).slice(0, limit);
      },
      readAll: async ({ after, limit }) => events.filter(({ position }) => position > after).slice(0, limit),
      readMany: async (asked) => asked.flatMap((at) => events.find(({ position }) => position === at) ?? []),
      head: async () => events.at(-1)?.position ?? 0n,
    },
  };
}

type Filters = Partial<Record<string, unknown>>;

async function pageOf(log: Searched, filters: Filters = {}): Promise<EventPage> {
  const [route] = auditRoutes({ ...log, sealer }, unrecorded);
  const query = { limit: 50, order: 'oldest', ...filters };
  return ((await route?.handle({ query } as never)) as RouteResponse).data as EventPage;
}

/** Follows `next` to the end. */
async function allOf(log: Searched, filters: Filters): Promise<EventPage[]> {
  const pages = [await pageOf(log, filters)];
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next)
    pages.push(await pageOf(log, { ...filters, cursor: next }));
  return pages;
}

const positions = (...pages: EventPage[]) => pages.flatMap(({ items }) => items.map(({ position }) => position));

describe('GET /admin/events', () => {
  describe('for the whole log', () => {
    it('shows every event once, in order, with pages of any size', async () => {
      const events = history([bankDetails, ...[0, 1, 2, 3, 4].map(taxForm)]);
      for (const limit of [1, 2, 3, 6, 100]) {
        const pages = await allOf(logOf(events), { limit });
        expect(positions(...pages), `limit ${limit}`).to.deep.equal(['10', '20', '30', '40', '50', '60']);
        expect(pages).to.have.length(Math.ceil(6 / limit));
      }
    });

    it('continues after a page that its size in bytes cut short', async () => {
      const events = history([bankDetails, taxForm(0), taxForm(1)]);
      const log = logOf(events);
      const readAll: typeof log.events.readAll = (options) => log.events.readAll({ ...options, limit: 1 });
      const oneByOne: typeof log = { ...log, events: { ...log.events, readAll } };
      expect(positions(...(await allOf(oneByOne, {})))).to.deep.equal(['10', '20', '30']);
    });

    it('answers an empty page without next for an empty log', async () => {
      expect(await pageOf(logOf([]))).to.deep.equal({ items: [], next: null });
    });
  });

  describe('for a creator', () => {
    const given = [
      onUser('UserReactivated', { userId, statusAfter: 'ACTIVE' }),
      bankDetails,
      onStranger('UserReactivated', { userId: strangerId, statusAfter: 'ACTIVE' }),
      onMessage('QuarantineReleased', {}),
      onStream(`fanWallet-${userId}`, { userId })('WalletFrozen', {}),
    ];

    for (const indexed of [0, 3, 5])
      it(`shows the events of the creator and of her account, and of nobody else, with ${indexed} of 5 in the index`, async () => {
        const log = logOf(history(given), indexed);
        expect(positions(await pageOf(log, { creatorId }))).to.deep.equal(['10', '20', '40', '50']);
        expect(positions(...(await allOf(log, { creatorId, limit: 1 })))).to.deep.equal(['10', '20', '40', '50']);
      });
  });

  describe('with private values', () => {
    it('leaves them sealed wherever they are, and names whose they are', async () => {
      const events = history([bankDetails]).map((event) => ({
        ...event,
        metadata: { ...event.metadata, reason: seal('because', adminId) },
      }));
      const page = await pageOf(logOf(events));
      expect(page.items[0]?.data).to.deep.include({ bankDetails: { sealed: true, subject: userId } });
      expect(page.items[0]?.metadata).to.deep.include({ reason: { sealed: true, subject: adminId } });
      for (const secret of ['ciphertext', 'nonce', seal(bank).ciphertext, seal('because').ciphertext])
        expect(JSON.stringify(page)).to.not.include(secret);
    });
  });

  describe('with a broken event', () => {
    const broken = (change: object): RecordedEvent => ({
      id: 'x',
      type: 'TaxFormApproved',
      stream: 'creator-x',
      revision: 0n,
      position: 1n,
      data: {},
      metadata: metadata(),
      ...change,
    });
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;

    for (const [what, event] of Object.entries({
      'data of another shape': broken({ data: { at: 12, list: [null, 'x'] } }),
      'no data': broken({ data: null }),
      'an unknown type': broken({ type: '__proto__' }),
      'no metadata': broken({ metadata: null }),
      'empty metadata': broken({ metadata: {} }),
      'nesting without end': broken({ data: { deep } }),
    }))
      it(`shows ${what} as it is and calls the event unreadable`, async () => {
        for (const filter of [{}, { stream: 'creator-x' }, { creatorId: 'x' }]) {
          const page = await pageOf(logOf([event]), filter);
          if (filter.creatorId) continue;
          expect(page.items[0]).to.include({ type: event.type, readable: false });
          expect(() => JSON.stringify(page)).to.not.throw();
        }
      });

    it('hides what is left of a damaged seal', async () => {
      const event = broken({ data: { a: { subject: userId, ciphertext: 'c2VjcmV0' }, b: { nonce: 'n', tag: 't' } } });
      expect((await pageOf(logOf([event]))).items[0]?.data).to.deep.equal({
        a: { sealed: true, subject: userId },
        b: { sealed: true, subject: null },
      });
    });

    it('shows one whose bytes are damaged without its content, and the others with theirs', async () => {
      const damaged = (what: 'data' | 'metadata', event: RecordedEvent) =>
        Object.defineProperty({ ...event }, what, {
          get() {
            throw new DamagedEvent(`its ${what} is not JSON`);
          },
        });
      const [first, second, third] = history([bankDetails, taxForm(0), taxForm(1)]) as [
        RecordedEvent,
        RecordedEvent,
        RecordedEvent,
      ];
      const log = logOf([damaged('data', first), damaged('metadata', second), third]);
      for (const filter of [{}, { stream: first.stream }]) {
        const { items } = await pageOf(log, filter);
        expect(items.map(({ readable, data }) => [readable, data === null])).to.deep.equal([
          [false, true],
          [false, false],
          [true, false],
        ]);
      }
      expect((await pageOf(log, { creatorId })).items).to.have.length(2);
    });
  });

  describe('over HTTP', () => {
    let query: Harness;

    beforeEach(async () => {
      query = await openHarness();
      const [first, second] = history([bankDetails, taxForm(0)]) as [RecordedEvent, RecordedEvent];
      await query.grow(first.stream, [first, second]);
    });
    afterEach(() => query.close());

    const get = (parameters: string) => query.get(`/admin/events${parameters}`, { role: 'AUDITOR' });
    const keyOf = async (parameters: string) => {
      const { status, body } = await get(parameters);
      return `${status} ${body.error?.i18nKey}`;
    };

    it('is open to admins and auditors only', async () => {
      expect((await query.get('/admin/events')).status).to.equal(403);
      expect((await query.get('/admin/events', { role: 'ADMIN' })).status).to.equal(200);
    });

    it('reads the real log', async () => {
      const { body } = await get(`?stream=creator-${creatorId}`);
      expect(body.data).to.include({ next: null });
      const { items } = body.data as EventPage;
      expect(items.map(({ revision }) => revision)).to.deep.equal(['0', '1']);
      const everything = (await get('')).body.data;
      expect(everything.items).to.deep.equal(body.data.items);
      expect((await get(`?creatorId=${creatorId.toUpperCase()}`)).body.data.items).to.have.length(2);
    });

    it('clamps the limit', async () => {
      for (const [limit, expected] of [
        ['0', 1],
        ['-5', 1],
        ['1', 1],
        ['1.9', 1],
        ['1e99', 2],
        ['x', 2],
      ] as const)
        expect((await get(`?limit=${limit}`)).body.data.items, limit).to.have.length(expected);
    });

    it('rejects a cursor that was altered, forged, or made for another filter', async () => {
      const { next } = (await get('?limit=1')).body.data as EventPage;
      expect((await get(`?cursor=${next}`)).body.data.items).to.have.length(1);
      const invalid = '400 admin.events.invalid_cursor';
      expect(await keyOf(`?cursor=${next}&creatorId=${creatorId}`)).to.equal(invalid);
      expect(await keyOf(`?cursor=${next}&stream=creator-${creatorId}`)).to.equal(invalid);
      const cursor = next ?? '';
      const altered = [...cursor].map(
        (one, at) => cursor.slice(0, at) + (one === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
      );
      for (const wrong of ['x', '!!!', '%00', cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, ...altered])
        expect(await keyOf(`?cursor=${wrong}`), wrong).to.equal(invalid);
      for (const forged of [encodeCursor('log', -1n), encodeCursor('log', 2n ** 63n), encodeAfter('log', '1', '2')])
        expect(await keyOf(`?cursor=${forged}`), forged).to.equal(invalid);
    });

    it('gives cursors without the filters', async () => {
      const { next } = (await get(`?limit=1&userId=${userId}`)).body.data as EventPage;
      expect(Buffer.from(next ?? '', 'base64url').toString()).to.match(/^\["\d+","[\w-]{16}"\]$/);
    });

    it('rejects a malformed creatorId, an unknown parameter and a repeated one', async () => {
      const invalid = '400 common.validation_failed';
      expect(await keyOf('?creatorId=x')).to.equal(invalid);
      expect(await keyOf('?steam=x')).to.equal(invalid);
      expect(await keyOf('?stream=x&stream=y')).to.equal(invalid);
      expect(await keyOf('?stream=')).to.equal(invalid);
    });
  });
});
