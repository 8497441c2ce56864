import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { REST_MS, type ClockRun, type TickerTask } from '../../src/runtime/clock-task.js';
import type { CommandService } from '../../src/runtime/service.js';
import { createTicker } from '../../src/runtime/ticker.js';

describe('The ticker', () => {
  const changes = createChanges();
  let time: ReturnType<typeof createManualTime>;
  /** When each task ran, in seconds. */
  let ran: Record<string, number[]>;
  let stop: () => Promise<void>;
  beforeEach(() => {
    time = createManualTime();
    ran = {};
  });
  afterEach(async () => {
    await stop();
    expect(time.pending()).to.equal(0);
  });

  const task = (name: string, run: Partial<ClockRun>, during: () => void = () => undefined): TickerTask => ({
    name,
    wokenBy: [name],
    async run() {
      (ran[name] ??= []).push(time.monotonic() / SECOND);
      during();
      return { done: 0, failed: 0, ...run };
    },
  });

  function start(...tasks: readonly TickerTask[]): void {
    const service = { clock: time } as unknown as CommandService; // the tasks of this test ask for nothing else
    const stopping = new AbortController();
    const running = createTicker({ tasks, service, changes, log: silentLog }).run(stopping.signal, () => undefined);
    stop = async () => {
      stopping.abort();
      await running;
    };
  }

  const write = (collection: string) => changes.tell({ collection, documents: null });

  it('runs each second what does not rest, and with it only what has rested', async () => {
    start(task('busy', {}), task('resting', { restMs: 3 * SECOND }));
    await time.advance(8 * SECOND);
    expect(ran).to.deep.equal({ busy: [1, 2, 3, 4, 5, 6, 7, 8], resting: [1, 4, 7] });
  });

  it('does not wake up while everything rests', async () => {
    let wakeUps = 0;
    const { after } = time;
    time.after = (ms, call) => after(ms, () => ((wakeUps += 1), call()));
    start(task('a', { restMs: REST_MS }), task('b', { restMs: REST_MS }));
    await time.advance(MINUTE);
    expect(ran.a).to.deep.equal([1, 11, 21, 31, 41, 51]);
    expect(wakeUps, 'a tick, and then a rest').to.be.at.most(2 * 6 + 1);
  });

  it('runs at once what is written to while it rests, and at the next tick what was just run', async () => {
    start(task('a', { restMs: MINUTE }), task('b', { restMs: MINUTE }));
    await time.advance(5 * SECOND);
    write('a');
    await time.advance(SECOND / 2);
    write('a');
    await time.advance(5 * SECOND);
    expect(ran).to.deep.equal({ a: [1, 5, 6], b: [1] });
  });

  it('lets nothing rest that was written to during its run', async () => {
    let writes = 1;
    start(task('a', { restMs: MINUTE }, () => writes-- > 0 && write('a')));
    await time.advance(5 * SECOND);
    expect(ran.a).to.deep.equal([1, 2]);
  });
});
