import { expect } from 'chai';
import type { Job, JobQueue, JobRun, JsonObject } from '../src/ports.js';
import { type Place, rejection } from './contract.js';

/** Where a queue is tested: time can pass there, and processes can freeze. */
export interface JobQueuePlace extends Place<JobQueue> {
  /** Lets time pass for every instance: moves a clock of the test's own, or waits where the engine has its own. */
  advance(ms: number): Promise<void>;
  /** A span in which a live worker is sure to have looked for work. */
  readonly pollMs: number;
  /** A span after which a live worker is sure to have sent a heartbeat. */
  readonly beatMs: number;
  /** A span after which a dead worker's job is sure to have been taken over. */
  readonly takeOverMs: number;
  /** A span after which a failed job is sure to have been retried, for its first two failures. */
  readonly backOffMs: number;
  /** Freezes an instance: it does nothing any more, and cleans nothing up. For ever, this is kill -9. */
  freeze(queue: JobQueue): void;
  /** Lets it continue from there. */
  thaw(queue: JobQueue): void;
}

/** A handler whose runs the test ends. */
interface HeldRun extends JobRun {
  finish(): void;
  fail(error: unknown): void;
}

/** What every JobQueue must do. `open` gives an empty place. */
export function jobQueueContract(name: string, open: () => Promise<JobQueuePlace>): void {
  describe(`${name}, by the contract of a job queue:`, () => {
    let place: JobQueuePlace;
    let queue: JobQueue;
    let held: HeldRun[];

    beforeEach(async () => {
      place = await open();
      queue = await place.connect();
      held = [];
    });
    afterEach(async () => {
      held.forEach((run) => run.finish());
      await place.dispose();
    });

    const add = (id: string, more: { name?: string; data?: JsonObject; attempts?: number; delayMs?: number } = {}) =>
      queue.add({ id, name: 'rebuild', data: {}, ...more });
    const stateOf = async (id: string) => (await queue.get(id))?.state;

    /** Lets time pass in small steps until a condition holds. */
    async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
      for (let step = 0; step < 200; step++) {
        if (await holds()) return;
        await place.advance(place.pollMs / 2);
      }
      throw new Error(`never happened: ${what}`);
    }
    const settled = (id: string, state: Job['state']) =>
      until(`${id} ${state}`, async () => (await stateOf(id)) === state);
    const begun = (count: number) => until(`${count} begun`, () => held.length === count);

    /** A handler whose runs stay open until the test ends them. */
    const hold = (run: JobRun) =>
      new Promise<void>((resolve, reject) => {
        held.push({ ...run, finish: resolve, fail: reject });
      });
    const doneAtOnce = async () => {};

    describe('adding a job', () => {
      it('keeps it waiting, with its data', async () => {
        const data = { view: 'creator', parts: [1, { deep: null }], text: 'ü\n"' };
        expect(await add('a', { data })).to.equal(true);
        expect(await queue.get('a')).to.deep.equal({
          id: 'a',
          name: 'rebuild',
          data,
          state: 'waiting',
          attempts: 0,
          progress: null,
          error: null,
        });
        expect(await queue.get('b')).to.equal(null);
      });

      it('ignores a second job with the id of a waiting or active one', async () => {
        await add('a', { data: { first: true } });
        expect(await add('a', { data: { first: false } })).to.equal(false);
        queue.work('rebuild', hold);
        await begun(1);
        expect(await stateOf('a')).to.equal('active');
        expect(await add('a', { data: { first: false } })).to.equal(false);
        expect((await queue.get('a'))?.data).to.deep.equal({ first: true });
      });

      it('accepts exactly one of many with the same id at the same time', async () => {
        const other = await place.connect();
        const added = await Promise.all(
          Array.from({ length: 16 }, (_, i) => (i % 2 ? queue : other).add({ id: 'a', name: 'rebuild', data: { i } })),
        );
        expect(added.filter(Boolean)).to.have.length(1);
        expect((await queue.get('a'))?.data).to.deep.equal({ i: added.indexOf(true) });
      });

      it('replaces a completed job, which runs again with nothing left of before', async () => {
        const runs: JsonObject[] = [];
        queue.work('rebuild', async (run) => {
          runs.push(run.job.data);
          await run.progress({ at: 1 });
        });
        await add('a', { data: { n: 1 } });
        await settled('a', 'completed');
        expect(await add('a', { data: { n: 2 }, delayMs: place.pollMs * 4 })).to.equal(true);
        expect(await queue.get('a')).to.include({ state: 'waiting', attempts: 0, progress: null, error: null });
        await settled('a', 'completed');
        expect(runs).to.deep.equal([{ n: 1 }, { n: 2 }]);
      });

      it('replaces a failed job', async () => {
        const stop = queue.work('rebuild', () => Promise.reject(new Error('no')));
        await add('a', { attempts: 1 });
        await settled('a', 'failed');
        await stop();
        expect(await add('a')).to.equal(true);
        expect(await queue.get('a')).to.include({ state: 'waiting', attempts: 0, error: null });
      });

      it('accepts any string as an id', async () => {
        const ids = ['rebuild:creator:7', '42', '0', 'a b', 'é😀', '__proto__'];
        for (const id of ids) expect(await add(id), id).to.equal(true);
        for (const id of ids) expect((await queue.get(id))?.id).to.equal(id);
        queue.work('rebuild', doneAtOnce);
        for (const id of ids) await settled(id, 'completed');
      });

      it('rejects invalid arguments', async () => {
        const notJson = { at: Number.NaN };
        for (const bad of [
          add(''),
          add('a', { name: '' }),
          add('a', { data: notJson }),
          add('a', { attempts: 0 }),
          add('a', { delayMs: -1 }),
        ])
          expect(await rejection(bad)).to.be.instanceOf(RangeError);
        expect(await queue.get('a')).to.equal(null);
      });

      it('shows it in the list of its name, in every state', async () => {
        await add('done');
        const stop = queue.work('rebuild', doneAtOnce);
        await settled('done', 'completed');
        await stop();
        await add('new');
        await add('else', { name: 'other' });
        const listed = await queue.list('rebuild');
        expect(Object.fromEntries(listed.map(({ id, state }) => [id, state]))).to.deep.equal({
          done: 'completed',
          new: 'waiting',
        });
        expect(await queue.list('nothing')).to.deep.equal([]);
      });
    });

    describe('a worker', () => {
      it('passes the job to the handler, and completes it', async () => {
        await add('a', { data: { view: 'creator' } });
        const seen: Job[] = [];
        queue.work('rebuild', async ({ job }) => void seen.push(job));
        await settled('a', 'completed');
        expect(seen).to.deep.equal([
          {
            id: 'a',
            name: 'rebuild',
            data: { view: 'creator' },
            state: 'active',
            attempts: 1,
            progress: null,
            error: null,
          },
        ]);
        expect(await queue.get('a')).to.include({ attempts: 1, error: null });
      });

      it('leaves jobs of other names alone', async () => {
        await add('a', { name: 'other' });
        await add('b');
        queue.work('rebuild', doneAtOnce);
        await settled('b', 'completed');
        expect(await stateOf('a')).to.equal('waiting');
      });

      it('runs one job at a time', async () => {
        await add('a');
        await add('b');
        queue.work('rebuild', hold);
        await begun(1);
        await place.advance(place.pollMs * 2);
        expect(held).to.have.length(1);
        held[0]?.finish();
        await begun(2);
        expect(held.map(({ job }) => job.id).sort()).to.deep.equal(['a', 'b']);
      });

      it('shares the jobs with other workers, each run once', async () => {
        const other = await place.connect();
        const ids = Array.from({ length: 20 }, (_, i) => `job-${i}`);
        for (const id of ids) await add(id);
        const ran: string[] = [];
        for (const each of [queue, other]) each.work('rebuild', async ({ job }) => void ran.push(job.id));
        for (const id of ids) await settled(id, 'completed');
        expect(ran.sort()).to.deep.equal([...ids].sort());
      });

      it('picks up jobs that another instance adds', async () => {
        queue.work('rebuild', doneAtOnce);
        await place.advance(place.pollMs);
        const other = await place.connect();
        await other.add({ id: 'a', name: 'rebuild', data: {} });
        await settled('a', 'completed');
      });

      it('does not start a job before its delay is over', async () => {
        await add('later', { delayMs: place.pollMs * 6 });
        await add('now');
        queue.work('rebuild', doneAtOnce);
        await settled('now', 'completed');
        expect(await queue.get('later')).to.include({ state: 'waiting', attempts: 0 });
        await settled('later', 'completed');
      });

      it('shows progress to everyone while the job runs, and afterwards', async () => {
        const other = await place.connect();
        await add('a');
        queue.work('rebuild', hold);
        await begun(1);
        await held[0]?.progress({ events: 10, of: 100 });
        expect((await other.get('a'))?.progress).to.deep.equal({ events: 10, of: 100 });
        await held[0]?.progress({ events: 100, of: 100 });
        held[0]?.finish();
        await settled('a', 'completed');
        expect((await other.get('a'))?.progress).to.deep.equal({ events: 100, of: 100 });
      });
    });

    describe('a failing job', () => {
      it('runs three times by default, then fails with the last error', async () => {
        await add('a');
        let runs = 0;
        queue.work('rebuild', () => Promise.reject(new Error(`failure ${++runs}`)));
        await until('given up', async () => {
          await place.advance(place.backOffMs);
          return (await stateOf('a')) === 'failed';
        });
        expect(runs).to.equal(3);
        expect(await queue.get('a')).to.include({ attempts: 3, error: 'failure 3' });
      });

      it('runs as often as it was configured to', async () => {
        await add('a', { attempts: 1 });
        let runs = 0;
        queue.work('rebuild', () => Promise.reject(new Error(`failure ${++runs}`)));
        await settled('a', 'failed');
        await place.advance(place.backOffMs);
        expect(runs).to.equal(1);
      });

      it('waits before the retry, and other jobs run in the meantime', async () => {
        await add('a');
        queue.work('rebuild', hold);
        await begun(1);
        await add('b');
        held[0]?.fail(new Error('not yet'));
        await begun(2);
        expect(held[1]?.job.id).to.equal('b');
        expect(await queue.get('a')).to.include({ state: 'waiting', attempts: 1 });
        held[1]?.finish();
        await place.advance(place.backOffMs);
        await begun(3);
        expect(held[2]?.job).to.include({ id: 'a', attempts: 2 });
        held[2]?.finish();
        await settled('a', 'completed');
        expect((await queue.get('a'))?.error).to.equal(null);
      });

      it('can fail with any kind of thrown value', async () => {
        const thrown = (): never => {
          throw new Error('thrown at once');
        };
        const failures = {
          thrown,
          text: () => Promise.reject('just text'), // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors -- what a careless handler does
          nothing: () => Promise.reject(undefined), // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors -- as above
        };
        for (const [id, handler] of Object.entries(failures)) {
          await add(id, { name: id, attempts: 1 });
          queue.work(id, handler);
          await settled(id, 'failed');
          expect((await queue.get(id))?.error)
            .to.be.a('string')
            .and.not.equal('');
        }
        expect((await queue.get('thrown'))?.error).to.equal('thrown at once');
      });
    });

    describe('stopping a worker', () => {
      it("aborts the handler's signal, waits for the handler, and starts no other job", async () => {
        await add('a');
        await add('b');
        const stop = queue.work('rebuild', hold);
        await begun(1);
        expect(held[0]?.signal.aborted).to.equal(false);
        let stopped = false;
        const stopping = stop().then(() => (stopped = true));
        await place.advance(place.pollMs);
        expect(held[0]?.signal.aborted).to.equal(true);
        expect(stopped).to.equal(false);
        held[0]?.finish();
        await stopping;
        expect(await stateOf(held[0]?.job.id ?? '')).to.equal('completed');
        await place.advance(place.takeOverMs);
        expect(held).to.have.length(1);
      });

      it('gives a job that was stopped midway to another worker, which does not count as a failure of the job', async () => {
        await add('a', { attempts: 1 });
        const stop = queue.work('rebuild', hold);
        await begun(1);
        held[0]?.signal.addEventListener('abort', () => held[0]?.fail(new Error('stopped midway')));
        await stop();
        expect(await stateOf('a')).to.equal('waiting');
        const other = await place.connect();
        other.work('rebuild', doneAtOnce);
        await settled('a', 'completed');
        expect((await queue.get('a'))?.attempts).to.equal(2);
      });

      it('works on an idle worker, and twice', async () => {
        const stop = queue.work('rebuild', hold);
        await place.advance(place.pollMs);
        await stop();
        await stop();
        await add('a');
        await place.advance(place.pollMs * 2);
        expect(await stateOf('a')).to.equal('waiting');
      });

      it('happens when its queue is closed, which does nothing afterwards', async () => {
        await add('a');
        queue.work('rebuild', hold);
        await begun(1);
        const closing = queue.close();
        await place.advance(place.pollMs);
        expect(held[0]?.signal.aborted).to.equal(true);
        held[0]?.finish();
        await closing;
        await queue.close();
        expect(await rejection(queue.get('a'))).to.be.instanceOf(Error);
        expect(await rejection(add('b'))).to.be.instanceOf(Error);
        queue = await place.connect();
        expect(await stateOf('a')).to.equal('completed');
      });

      it('keeps waiting jobs over a restart', async () => {
        await add('a', { data: { kept: true } });
        await queue.close();
        queue = await place.connect();
        expect((await queue.get('a'))?.data).to.deep.equal({ kept: true });
        queue.work('rebuild', doneAtOnce);
        await settled('a', 'completed');
      });
    });

    describe('dead workers', () => {
      it('leave their job to another worker, even on its last attempt', async () => {
        const doomed = await place.connect();
        await add('a', { attempts: 1 });
        doomed.work('rebuild', hold);
        await begun(1);
        place.freeze(doomed);
        queue.work('rebuild', hold);
        await place.advance(place.takeOverMs);
        await begun(2);
        expect(held[1]?.job).to.include({ id: 'a', attempts: 2 });
        held[1]?.finish();
        await settled('a', 'completed');
      });

      it('are noticed by a worker that is already running', async () => {
        const doomed = await place.connect();
        await add('a');
        doomed.work('rebuild', hold);
        await begun(1);
        queue.work('rebuild', hold);
        await place.advance(place.takeOverMs);
        expect(held).to.have.length(1);
        place.freeze(doomed);
        await place.advance(place.takeOverMs);
        await begun(2);
      });

      it('do not include a live one whose job takes long', async () => {
        await add('a');
        queue.work('rebuild', hold);
        await begun(1);
        const other = await place.connect();
        other.work('rebuild', hold);
        for (let i = 0; i < 3; i++) await place.advance(place.takeOverMs);
        expect(held).to.have.length(1);
        expect(held[0]?.signal.aborted).to.equal(false);
        expect(await queue.get('a')).to.include({ state: 'active', attempts: 1 });
      });
    });

    describe('a worker that was frozen until its job was taken over', () => {
      /** What it runs, and what the worker that took over runs. */
      async function takenOver() {
        const frozen = await place.connect();
        await add('a');
        frozen.work('rebuild', hold);
        await begun(1);
        place.freeze(frozen);
        queue.work('rebuild', hold);
        await place.advance(place.takeOverMs);
        await begun(2);
        const [old, fresh] = held as [HeldRun, HeldRun];
        return { frozen, old, fresh };
      }

      it('aborts its signal within one heartbeat after resuming', async () => {
        const { frozen, old, fresh } = await takenOver();
        expect(old.signal.aborted).to.equal(false);
        place.thaw(frozen);
        await place.advance(place.beatMs);
        expect(old.signal.aborted).to.equal(true);
        expect(fresh.signal.aborted).to.equal(false);
      });

      for (const end of ['finish', 'fail'] as const)
        it(`cannot ${end} the job`, async () => {
          const { old, fresh } = await takenOver();
          old[end](new Error('too late'));
          await place.advance(place.pollMs);
          expect(await queue.get('a')).to.include({ state: 'active', attempts: 2, error: null });
          fresh.finish();
          await settled('a', 'completed');
          expect((await queue.get('a'))?.attempts).to.equal(2);
        });

      it('cannot report progress, and its signal is aborted when it tries', async () => {
        const { old, fresh } = await takenOver();
        await fresh.progress({ by: 'fresh' });
        expect(await rejection(old.progress({ by: 'old' }))).to.be.instanceOf(Error);
        expect(old.signal.aborted).to.equal(true);
        expect((await queue.get('a'))?.progress).to.deep.equal({ by: 'fresh' });
      });

      it('cannot change the job that came after it under the same id', async () => {
        const { old, fresh } = await takenOver();
        fresh.finish();
        await settled('a', 'completed');
        await add('a');
        await begun(3);
        old.finish();
        await place.advance(place.pollMs);
        expect(await stateOf('a')).to.equal('active');
      });
    });
  });
}
