/** The whole log is compared with its index in the background. */
import { EMPTY_INDEX } from '@creator-dashboards/shared/audit-index';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { DamagedEvent } from '@creator-dashboards/shared/store-errors';
import { creatorId, T0, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { DAY, HOUR, SECOND, toInstant } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesOf } from '../src/audit/indexer.js';
import { createRounds, roundsIn } from '../src/audit/rounds.js';

const SIZE = 1_000;
const onCreator = onStream(`creator-${creatorId}`, { userId, creatorId });

describe('The whole log in the background', () => {
  let folder: string;
  let reads: ReturnType<typeof openReadStore>;
  let clock: ReturnType<typeof createManualTime>;
  let indexed: readonly RecordedEvent[];
  /** As it is now. */
  let log: RecordedEvent[];
  let damaged: bigint | null;
  const index = memoryAuditIndex();
  before(async () => {
    indexed = history(Array.from({ length: SIZE }, () => onCreator('TaxFormApproved', { at: T0 })));
    const { entries, next } = entriesOf(EMPTY_INDEX, indexed);
    await index.add(entries, next);
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rounds-'));
    reads = openReadStore(join(folder, 'views.db'));
    clock = createManualTime(Date.parse(T0));
    [log, damaged] = [[...indexed], null];
  });
  afterEach(async () => {
    await reads.close();
    rmSync(folder, { recursive: true });
  });

  const sound = (events: readonly RecordedEvent[]) => {
    if (events.some(({ position }) => position === damaged)) throw new DamagedEvent('a row', new Error('damaged'));
    return [...events];
  };
  const events = {
    readAll: async ({ after, limit }: { after: bigint; limit: number }) =>
      sound(log.filter(({ position }) => position > after).slice(0, limit)),
    readAt: async (asked: bigint) => sound(log.filter(({ position }) => position === asked))[0] ?? null,
  };
  const process = () => createRounds({ events, index, reads, clock });
  async function turns(count: number, rounds = process()): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await clock.advance(SECOND / 4);
      await rounds.turn(SIZE);
    }
  }
  const at = (n: number) => indexed[n] as RecordedEvent;

  it('is compared once, in turns of 80 events', async () => {
    const rounds = process();
    await turns(12, rounds);
    expect((await roundsIn(reads))[0]).to.include({ endedAt: null, checked: 800 });
    await turns(1, rounds);
    const [whole, ...others] = await roundsIn(reads);
    expect(whole).to.deep.include({ checked: SIZE, faults: 0, broken: [] });
    expect([whole?.endedAt === null, others]).to.deep.equal([false, []]);
  });

  it('is compared at most four times a second, and again after a day', async () => {
    const rounds = process();
    for (let n = 0; n < 20; n += 1) await rounds.turn(SIZE);
    expect((await roundsIn(reads))[0]?.checked).to.equal(0);
    await turns(13, rounds);
    await clock.advance(DAY - HOUR);
    await turns(1, rounds);
    expect(await roundsIn(reads)).to.have.length(1);
    await clock.advance(HOUR);
    await turns(13, rounds);
    const both = await roundsIn(reads);
    expect(both.map(({ checked, endedAt }) => [checked, endedAt !== null])).to.deep.equal([
      [SIZE, true],
      [SIZE, true],
    ]);
  });

  it('is compared again when somebody asks, once for all who asked before it began', async () => {
    const rounds = process();
    const ask = () => rounds.ask(toInstant(clock.now()));
    await turns(13, rounds);
    await clock.advance(HOUR);
    ask();
    ask();
    await turns(1, rounds);
    expect((await roundsIn(reads))[0], 'to be seen at once').to.include({ endedAt: null });
    await turns(12, rounds);
    const again = await roundsIn(reads);
    expect(again.map(({ endedAt }) => endedAt !== null)).to.deep.equal([true, true]);
    await turns(26, rounds);
    expect(await roundsIn(reads)).to.deep.equal(again);
  });

  it('is compared again after the round under way, which began before somebody asked', async () => {
    const rounds = process();
    await turns(5, rounds);
    rounds.ask(toInstant(clock.now()));
    await turns(8 + 10, rounds);
    const [present, last] = await roundsIn(reads);
    expect([last?.checked, present?.checked]).to.deep.equal([SIZE, 800]);
  });

  it('is gone on with by another process, where the one before was', async () => {
    await turns(10);
    let read = 0;
    const counting = {
      ...events,
      readAll: (options: Parameters<typeof events.readAll>[0]) => ((read += 1), events.readAll(options)),
    };
    await turns(3, createRounds({ events: counting, index, reads, clock }));
    expect((await roundsIn(reads))[0]?.endedAt).to.not.equal(null);
    expect(read).to.equal(3);
  });

  it('names what was changed, removed, put in or cannot be read, and nothing else', async () => {
    log = log.flatMap((event) => {
      if (event === at(150)) return [{ ...event, data: { at: 'another' } }];
      if (event === at(399) || event === at(400)) return [];
      if (event === at(700)) return [event, { ...event, position: event.position + 1n, id: 'one more' }];
      return [event];
    });
    damaged = at(900).position;
    await turns(13);
    const [whole] = await roundsIn(reads);
    expect(whole?.broken).to.deep.equal([
      { ordinal: 150, position: `${at(150).position}`, message: 'is not what was indexed' },
      { ordinal: 399, position: `${at(399).position}`, message: 'is not there any more' },
      { ordinal: 400, position: `${at(400).position}`, message: 'is not there any more' },
      {
        ordinal: null,
        position: `${at(700).position + 1n}`,
        message: 'stands between events that were indexed without it',
      },
      { ordinal: 900, position: `${at(900).position}`, message: 'cannot be read' },
    ]);
    expect(whole?.faults).to.equal(5);
  });

  it('is begun anew where the index is', async () => {
    const rounds = process();
    await turns(10, rounds);
    await clock.advance(SECOND);
    await rounds.turn(50);
    expect((await roundsIn(reads))[0]).to.include({ begunAt: toInstant(clock.now()), checked: 50 });
  });
});
