import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { EMPTY_INDEX } from '@creator-dashboards/shared/audit-index';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { RouteResponse } from '@creator-dashboards/shared/http/route';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { createSealer } from '@creator-dashboards/shared/seal';
import { StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { systemClock } from '@creator-dashboards/shared/time';
import { creatorId, strangerId, T0, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { expect } from 'chai';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { exportQuery, exportRoutes, type Exported } from '../src/audit/export.js';
import { record } from '../src/audit/export-formats.js';
import { entriesOf } from '../src/audit/indexer.js';
import { revealEvents } from '../src/audit/revealing.js';

const onCreator = onStream(`creator-${creatorId}`, { userId, creatorId });
const onStranger = onStream(`user-${strangerId}`, { userId: strangerId });
const taxForm = (n: number) => onCreator(n % 2 ? 'TaxFormRevoked' : 'TaxFormApproved', { at: T0 });

/** A key for everybody, but none for who is erased. */
function keysOf(erased: readonly string[] = []) {
  const get = async (subject: string) => (erased.includes(subject) ? ('destroyed' as const) : new Uint8Array(32));
  return { get, getOrCreate: get };
}
const sealerOf = (erased?: readonly string[]) =>
  createSealer({ keys: keysOf(erased), events: { readStream: async () => [] }, clock: systemClock });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Recorded = readonly [what: string, ...of: unknown[]];

/** A log in memory, the first events of which are indexed, and what is recorded of whoever exports them. */
function logOf(events: readonly RecordedEvent[], indexed = events.length) {
  const index = memoryAuditIndex();
  const { entries, next } = entriesOf(EMPTY_INDEX, events.slice(0, indexed));
  if (indexed > 0) void index.add(entries, next);
  const recorded: Recorded[] = [];
  const access: Pick<AccessLog, 'exported' | 'revealed'> = {
    exported: async (by, means, filters) => (recorded.push(['exported', by.reason, means, filters]), 0n),
    revealed: async (by, means, person) => (recorded.push(['revealed', by.reason, means, person]), 0n),
  };
  const exported: Exported = {
    ...{ index, access, sealer: sealerOf() },
    events: {
      readStream: async (stream) => events.filter((event) => event.stream === stream),
      readAll: async ({ after, limit }) => events.filter(({ position }) => position > after).slice(0, limit),
      readMany: async (asked) => asked.flatMap((at) => events.find(({ position }) => position === at) ?? []),
      head: async () => events.at(-1)?.position ?? 0n,
    },
  };
  return { exported, recorded };
}

interface Asked {
  readonly most?: number;
  readonly accept?: string;
  readonly isHead?: boolean;
}

async function asked(exported: Exported, filters: object = {}, { most, accept, isHead = false }: Asked = {}) {
  const [route] = exportRoutes(exported, most);
  const request = {
    ...{ query: exportQuery.parse(filters), isHead, header: () => accept },
    ...{ actor: { userId: strangerId, role: 'AUDITOR' }, correlationId: strangerId },
  };
  return (await route?.handle(request as never)) as RouteResponse;
}

async function textOf({ stream }: RouteResponse): Promise<string> {
  let text = '';
  for await (const chunk of stream?.chunks ?? []) text += chunk;
  return text;
}

const exportOf = async (...of: Parameters<typeof asked>) => textOf(await asked(...of));
type Line = Readonly<Record<string, unknown>>;
const linesOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

describe('An export of events', () => {
  it('has a line for each event, and a last one that says that it is whole', async () => {
    const events = history([onStranger('UserReactivated', { userId: strangerId, statusAfter: 'ACTIVE' }), taxForm(0)]);
    const answer = await asked(logOf(events).exported);
    expect(answer.headers).to.deep.equal({
      'Content-Disposition': 'attachment; filename="events-20.ndjson"',
      'X-Position': '20',
    });
    expect(answer.stream?.type).to.equal('application/x-ndjson');
    const [first, second, end, ...more] = linesOf(await textOf(answer));
    expect(first).to.deep.include({ type: 'UserReactivated', position: '10', revision: '0', readable: true });
    expect(second).to.deep.include({ type: 'TaxFormApproved', stream: `creator-${creatorId}`, position: '20' });
    expect(end).to.deep.equal({ complete: true, count: 2, upTo: '20', next: null });
    expect(more).to.deep.equal([]);
  });

  const positionsIn = (text: string) => linesOf(text).flatMap(({ position }) => position ?? []);

  it('has what the filters name, in either order, over any number of pages, indexed or not', async () => {
    const events = history(
      Array.from({ length: 450 }, (_, n) =>
        n % 3 ? taxForm(n) : onStranger('UserReactivated', { userId: strangerId, statusAfter: 'ACTIVE' }),
      ),
    );
    const expected = events.filter(({ stream }) => stream.startsWith('creator')).map(({ position }) => `${position}`);
    expect(expected).to.have.length(300);
    for (const indexed of [450, 449, 200, 0]) {
      const { exported } = logOf(events, indexed);
      expect(positionsIn(await exportOf(exported, { creatorId })), `${indexed} indexed`).to.deep.equal(expected);
      const backwards = await exportOf(exported, { creatorId, order: 'newest' });
      expect(positionsIn(backwards), `${indexed} indexed`).to.deep.equal(expected.toReversed());
      expect(linesOf(backwards).at(-1)).to.include({ complete: true, count: 300 });
    }
  });

  it('ends at the head of its beginning, whatever is appended meanwhile', async () => {
    const events = history(Array.from({ length: 5 }, (_, n) => taxForm(n)));
    const { exported } = logOf(events);
    const answer = await asked({ ...exported, events: { ...exported.events, head: async () => 30n } });
    expect(linesOf(await textOf(answer)).at(-1)).to.include({ count: 3, upTo: '30', complete: true });
  });

  it('that is too long says that it is not whole, and with which filter it goes on', async () => {
    const events = history(Array.from({ length: 5 }, (_, n) => taxForm(n)));
    for (const [order, filter, first, rest] of [
      ['oldest', 'fromPosition', ['10', '20'], ['30', '40', '50']],
      ['newest', 'toPosition', ['50', '40'], ['30', '20', '10']],
    ] as const) {
      const { exported } = logOf(events);
      const text = await exportOf(exported, { order }, { most: 2 });
      expect(positionsIn(text)).to.deep.equal(first);
      const { next, ...end } = linesOf(text).at(-1) as { next: Record<string, string> };
      expect(end).to.deep.equal({ complete: false, count: 2, upTo: '50' });
      expect(Object.keys(next)).to.deep.equal([filter]);
      expect(positionsIn(await exportOf(exported, { order, ...next }))).to.deep.equal(rest);
      expect(linesOf(await exportOf(exported, { order }, { most: 5 })).at(-1)).to.include({
        complete: true,
        next: null,
      });
    }
  });

  it('holds no more than three pages of the log, however much of it was sent', async () => {
    const events = history(Array.from({ length: 3_000 }, (_, n) => taxForm(n)));
    const { exported } = logOf(events);
    const handedOut: WeakRef<RecordedEvent>[] = [];
    const copied = (read: readonly RecordedEvent[]) =>
      read.map((event) => {
        const copy = { ...event };
        handedOut.push(new WeakRef(copy));
        return copy;
      });
    const counting: Exported['events'] = {
      ...exported.events,
      readAll: async (options) => copied(await exported.events.readAll(options)),
      readMany: async (positions) => copied(await exported.events.readMany(positions)),
    };
    const { stream } = await asked({ ...exported, events: counting }, { creatorId });
    let [sent, most] = [0, 0];
    for await (const chunk of stream?.chunks ?? []) {
      sent += chunk.split('\n').length - 1;
      if (sent % 500 !== 0) continue;
      await nextTurn(); // until then what was looked at is kept
      collectGarbage();
      most = Math.max(most, handedOut.filter((one) => one.deref() !== undefined).length);
    }
    expect(sent).to.equal(3_001);
    expect(handedOut.length).to.be.at.least(3_000);
    expect(most)
      .to.be.greaterThan(0)
      .and.at.most(3 * 200);
  });

  it('is recorded before it is made, with its filters', async () => {
    const { exported, recorded } = logOf(history([taxForm(0)]));
    await asked(exported, { type: 'TaxFormApproved' });
    expect(recorded).to.deep.equal([
      [...['exported', null, 'GET /admin/events/export'], { type: 'TaxFormApproved', order: 'oldest', reveal: false }],
    ]);
  });

  it('that cannot be recorded is not made', async () => {
    const { exported } = logOf(history([taxForm(0)]));
    const down = async () => Promise.reject(new StoreUnavailable('the log', 'is away'));
    for (const access of [
      { ...exported.access, exported: down },
      { ...exported.access, revealed: down },
    ]) {
      const refusal = asked({ ...exported, access }, { reveal: 'true', reason: 'Case 7' });
      expect(await refusal.catch((error: unknown) => error)).to.be.instanceOf(StoreUnavailable);
    }
  });

  it('of which only the headers are asked for is not made, and not recorded', async () => {
    const { exported, recorded } = logOf(history([taxForm(0)]));
    const answer = await asked(exported, {}, { isHead: true });
    expect(answer.headers).to.include({ 'X-Position': '10' });
    expect(await textOf(answer)).to.equal('');
    expect(recorded).to.deep.equal([]);
  });

  it('waits for one of four others to end', async () => {
    const { exported } = logOf(history([taxForm(0)]));
    const [route] = exportRoutes(exported);
    const request = { query: exportQuery.parse({}), header: () => undefined, actor: {} } as never;
    const ask = async () => (await route?.handle(request)) as RouteResponse;
    const begun = [await ask(), await ask(), await ask(), await ask()];
    const refusal = await ask().catch((error: unknown) => error);
    expect(refusal).to.include({ key: 'common.unavailable', retryAfter: 5 });
    await textOf(begun[0] as RouteResponse);
    const fifth = await ask();
    for await (const _ of fifth.stream?.chunks ?? []) break; // its caller goes away
    await textOf(await ask());
  });

  describe('as CSV', () => {
    it('is chosen by format or Accept; its last record says that it is whole', async () => {
      const { exported } = logOf(history([taxForm(0)]));
      const answer = await asked(exported, {}, { accept: 'text/csv' });
      expect(answer.headers).to.include({ 'Content-Disposition': 'attachment; filename="events-10.csv"' });
      expect(answer.stream?.type).to.equal('text/csv; charset=utf-8; header=present');
      const text = await textOf(answer);
      const records = text.split('\r\n');
      expect(records[0]).to.equal(
        'position,id,type,stream,revision,occurredAt,actor,role,correlationId,causationId,readable,data,metadata',
      );
      expect(records[1]).to.match(
        /^10,[0-9a-f-]{36},TaxFormApproved,creator-[0-9a-f-]{36},0,2026-01-01T00:00:01.000Z,/,
      );
      expect(records[1]).to.include(`true,"{""at"":""${T0}""}",`);
      expect(records.slice(2)).to.deep.equal(['complete,1,10,,,,,,,,,,', '']);
      expect(await exportOf(exported, { format: 'csv' }, { accept: 'application/json' })).to.equal(text);
      const cut = await exportOf(exported, { format: 'csv' }, { most: 0 });
      expect(cut.split('\r\n')[1]).to.equal('incomplete,0,10,"{""fromPosition"":""1""}",,,,,,,,,');
    });

    it('has no cell that a spreadsheet takes for a formula', () => {
      const poison = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＋1', '－1', '＠1'];
      for (const cell of poison) expect(record([cell])).to.match(/^"?'/, JSON.stringify(cell));
      for (const cell of ['1-1', 'a=b', "it's", '', '{"a":"=1"}']) expect(record([cell])).to.not.match(/^"?'/);
    });

    /** RFC 4180, read character by character. */
    function cellsIn(text: string): string[][] {
      const records: string[][] = [[]];
      for (let at = 0; at < text.length;) {
        let cell = '';
        if (text[at] === '"')
          for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1)
            cell += text[at] === '"' ? text[++at - 1] : text[at];
        else for (; !/^(,|\r\n|$)/.test(text.slice(at, at + 2)); at += 1) cell += text[at];
        if (text[at] === '"') at += 1;
        records.at(-1)?.push(cell);
        if (text[at] === ',') at += 1;
        else ((at += 2), records.push([]));
      }
      return records.slice(0, -1);
    }

    it('gives back whatever texts are in it, with an apostrophe before formulas', () => {
      const text = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', '\t', ' ', '=', '-', "'", '{') });
      fc.assert(
        fc.property(fc.array(text, { minLength: 2, maxLength: 5 }), (cells) => {
          const [read = [], ...more] = cellsIn(record(cells));
          expect(more).to.deep.equal([]);
          expect(read).to.have.length(cells.length);
          for (const [n, cell] of cells.entries()) expect([cell, `'${cell}`]).to.include(read[n]);
        }),
      );
    });
  });

  describe('that reveals personal data', () => {
    const sealer = sealerOf();

    it('needs a reason', () => {
      for (const query of [{ reveal: 'true' }, { reveal: 'true', reason: '' }])
        expect(exportQuery.safeParse(query).success).to.equal(false);
      expect(exportQuery.safeParse({ reveal: 'true', reason: 'Case 7' }).success).to.equal(true);
    });

    /** An event as it is stored, whatever its schema says. */
    async function eventWith(data: object, reason: unknown = null): Promise<RecordedEvent> {
      const [event] = history([taxForm(0)]) as [RecordedEvent];
      return { ...event, data: data as never, metadata: { ...event.metadata, reason: reason as never } };
    }

    it('has what is sealed, in data and metadata, and is recorded with its reason', async () => {
      const email = await sealer.seal(kinds.email, userId, 'alice@example.org');
      const iban = await sealer.seal(kinds.bankDetails, userId, { iban: 'DE1' } as never);
      const event = await eventWith({ email, nested: [{ iban }] }, await sealer.seal(kinds.reason, userId, 'asked'));
      const { exported, recorded } = logOf([event]);
      const [masked] = linesOf(await exportOf(exported, { userId }));
      expect(masked?.data).to.deep.equal({
        email: { sealed: true, subject: userId },
        nested: [{ iban: { sealed: true, subject: userId } }],
      });
      expect(recorded.map(([what]) => what)).to.deep.equal(['exported']);
      const [shown] = linesOf(await exportOf(exported, { userId, reveal: 'true', reason: 'Case 7' }));
      expect(shown?.data).to.deep.equal({
        email: 'alice@example.org',
        nested: [{ iban: { iban: 'DE1' } }],
      });
      for (const line of [masked, shown]) expect(line?.metadata).to.deep.include({ reason: 'asked' });
      expect(recorded.slice(1).map(([what, reason, , of]) => [what, reason, of])).to.deep.equal([
        ['revealed', 'Case 7', userId],
        ['exported', 'Case 7', { userId, order: 'oldest', reveal: true }],
      ]);
      expect(JSON.stringify(recorded[2]?.[3])).to.not.include('Case 7');
    });

    it('shows no password hash, nothing of who was erased, and no seal that was changed', async () => {
      const passwordHash = await sealer.seal(kinds.passwordHash, userId, '$argon2id$');
      const gone = await sealer.seal(kinds.email, strangerId, 'gone@example.org');
      const email = await sealer.seal(kinds.email, userId, 'alice@example.org');
      const changed = { ...email, tag: passwordHash.tag };
      const event = await eventWith({ passwordHash, gone, changed, part: { nonce: 'n', tag: 't' } });
      const [shown] = await revealEvents(sealerOf([strangerId]), [event]);
      expect(shown?.data).to.deep.equal({
        passwordHash: { sealed: true, subject: userId },
        gone: { sealed: true, subject: strangerId, erased: true },
        changed: { sealed: true, subject: userId },
        part: { sealed: true, subject: null },
      });
    });

    it('fails where a store does: what cannot be opened now is not left out', async () => {
      const event = await eventWith({ email: await sealer.seal(kinds.email, userId, 'alice@example.org') });
      const open = async () => Promise.reject(new StoreUnavailable('the keys', 'are away'));
      const failure = await revealEvents({ open, forget: () => {} }, [event]).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(StoreUnavailable);
    });
  });
});
