import { expect } from 'chai';
import { every, oneAtATime, retry, wait, within } from '../src/waiting.js';
import { rejection } from '../testing/contract.js';
import { createManualTime, settled, type ManualTime } from '../testing/manual-time.js';

describe('Waiting', () => {
  let time: ManualTime;
  beforeEach(() => (time = createManualTime()));

  /** The time at which it settled; null while it has not. */
  function settledAt(promise: Promise<unknown>): () => number | null {
    let at: number | null = null;
    const end = () => void (at = time.monotonic());
    promise.then(end, end);
    return () => at;
  }

  describe('for a time', () => {
    it('ends after that time', async () => {
      const ended = settledAt(wait(time, 100));
      await time.advance(99);
      expect(ended()).to.equal(null);
      await time.advance(1);
      expect(ended()).to.equal(100);
    });

    it('ends when its signal is aborted, and leaves no timer behind', async () => {
      const stop = new AbortController();
      const ended = settledAt(wait(time, 100, stop.signal));
      await time.advance(30);
      stop.abort();
      await settled();
      expect(ended()).to.equal(30);
      expect(time.pending()).to.equal(0);
    });

    it('does not start when its signal is aborted already', async () => {
      await wait(time, 100, AbortSignal.abort());
      expect(time.pending()).to.equal(0);
    });
  });

  describe('with a time limit', () => {
    const late = () => new Error('too late');

    it('answers what came in time, and leaves no timer behind', async () => {
      expect(await within(time, 100, Promise.resolve('here'), late)).to.equal('here');
      expect(time.pending()).to.equal(0);
    });

    it('passes a failure on', async () => {
      expect(await rejection(within(time, 100, Promise.reject(new Error('broken')), late))).to.have.property(
        'message',
        'broken',
      );
      expect(time.pending()).to.equal(0);
    });

    it('rejects what takes longer, and ignores its later outcome', async () => {
      let fail: (error: Error) => void = () => undefined;
      const work = new Promise<never>((_, reject) => (fail = reject));
      const limited = rejection(within(time, 100, work, late));
      await time.advance(100);
      expect(await limited).to.have.property('message', 'too late');
      fail(new Error('nobody hears this')); // An unhandled rejection would end the test run.
      await settled();
    });
  });

  describe('and retrying', () => {
    /** Fails this many times, each time with the error of that number. */
    function failing(times: number) {
      const triedAt: number[] = [];
      const work = () => {
        triedAt.push(time.monotonic());
        if (triedAt.length <= times) throw new Error(`fault ${triedAt.length}`);
        return 'done';
      };
      return { work, triedAt };
    }
    const isTransient = () => true;

    it('retries after each pause until it succeeds', async () => {
      const { work, triedAt } = failing(3);
      const done = retry(time, { patienceMs: 1_000, pauseMs: 20, isTransient }, work);
      await time.advance(60);
      expect(await done).to.equal('done');
      expect(triedAt).to.deep.equal([0, 20, 40, 60]);
    });

    it('gives up at the end of the pauses, and throws the last error', async () => {
      const { work, triedAt } = failing(99);
      const done = rejection(retry(time, { patienceMs: 50, pauseMs: 20, isTransient }, work));
      await time.advance(60);
      expect(await done).to.have.property('message', 'fault 4');
      expect(triedAt).to.deep.equal([0, 20, 40, 60]);
    });

    it('uses the pauses of a list in order, and ends with them', async () => {
      const { work, triedAt } = failing(99);
      const done = rejection(retry(time, { patienceMs: 1_000, pauseMs: [10, 50], isTransient }, work));
      await time.advance(60);
      expect(await done).to.have.property('message', 'fault 3');
      expect(triedAt).to.deep.equal([0, 10, 60]);
    });

    it('does not retry after a permanent error', async () => {
      const { work, triedAt } = failing(99);
      const only = (fault: unknown) => fault instanceof Error && fault.message === 'fault 1';
      const done = rejection(retry(time, { patienceMs: 1_000, pauseMs: 20, isTransient: only }, work));
      await time.advance(20);
      expect(await done).to.have.property('message', 'fault 2');
      expect(triedAt).to.deep.equal([0, 20]);
    });
  });

  describe('in a loop', () => {
    it('pauses after each run, and ends when aborted, after the run in progress', async () => {
      const stop = new AbortController();
      const begunAt: number[] = [];
      const work = () => {
        begunAt.push(time.monotonic());
        return wait(time, 30);
      };
      const ended = settledAt(every(time, 100, work, stop.signal));
      await time.advance(235);
      expect(begunAt).to.deep.equal([100, 230]);
      stop.abort();
      await time.advance(1_000);
      expect(begunAt).to.deep.equal([100, 230]);
      expect(ended()).to.equal(260);
    });
  });

  describe('one at a time', () => {
    it('starts each when the one before has ended, even if that failed', async () => {
      const inTurn = oneAtATime();
      const begun: string[] = [];
      const work = (name: string, fault?: Error) => async () => {
        begun.push(name);
        await wait(time, 100);
        if (fault) throw fault;
        return name;
      };
      const all = Promise.allSettled([inTurn(work('a')), inTurn(work('b', new Error('broken'))), inTurn(work('c'))]);
      await time.advance(99);
      expect(begun).to.deep.equal(['a']);
      await time.advance(101);
      expect(begun).to.deep.equal(['a', 'b', 'c']);
      await time.advance(100);
      expect((await all).map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    });
  });
});
