/** When the bus looks: one look at a time, ever again while anybody reads, and soon again while somebody waits. */
import { SECOND, type Clock } from '@creator-dashboards/shared/time';

export interface Looking {
  /** A look that begins after this call; those who call while one is under way share the next. */
  look(): Promise<void>;
  /** Somebody reads, at this time of the monotonic clock: looks go on for a second. */
  use(now: number): void;
  /** Looks go on until the returned function is called. */
  hold(): () => void;
  /** Resolves at the next `wake`, at the latest after `ms`; looks are frequent meanwhile. */
  waitFor(ms: number): Promise<void>;
  wake(): void;
  /** No looks by time any more. */
  stop(): void;
}

const LOOK_MS = 50;
/** The same while somebody waits. */
const HURRY_MS = 5;
/** How long after the last read. */
const LINGER_MS = SECOND;

export function createLooking(options: {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly work: () => Promise<void>;
}): Looking {
  const { clock, work } = options;
  const waiting = new Set<() => void>();
  let under: Promise<void> | null = null;
  let after: Promise<void> | null = null;
  let [holders, usedAt, isRunning] = [0, -Infinity, false];
  let hurry: () => void = () => undefined;
  let endPause: () => void = () => undefined;
  let isStopped = false;

  function look(): Promise<void> {
    if (!under) return (under = work().finally(() => (under = null)));
    const shared = () => {
      after = null;
      return look();
    };
    return (after ??= under.then(shared, shared));
  }

  const isWanted = () => !isStopped && (holders > 0 || waiting.size > 0 || clock.monotonic() - usedAt < LINGER_MS);

  /** Resolves when it is time for the next look: earlier for somebody who begins to wait. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const later = (ms: number) => ({ at: clock.monotonic() + ms, cancel: clock.after(ms, end) });
      let due = later(waiting.size > 0 ? HURRY_MS : LOOK_MS);
      hurry = () => {
        if (due.at - clock.monotonic() <= HURRY_MS) return;
        due.cancel();
        due = later(HURRY_MS);
      };
      endPause = () => {
        due.cancel();
        end();
      };
      function end(): void {
        hurry = () => undefined;
        resolve();
      }
    });
  }

  /** What cannot be looked at now is looked at the next time. */
  async function run(): Promise<void> {
    isRunning = true;
    while (isWanted()) {
      await pause();
      if (!isStopped) await look().catch(() => undefined);
    }
    isRunning = false;
  }

  function start(): void {
    if (!isRunning && !isStopped) void run();
  }

  return {
    look,
    use(now) {
      usedAt = now;
      start();
    },
    hold() {
      holders += 1;
      start();
      return () => void (holders -= 1);
    },
    waitFor(ms) {
      return new Promise((resolve) => {
        const end = () => {
          cancel();
          waiting.delete(end);
          resolve();
        };
        const cancel = clock.after(ms, end);
        waiting.add(end);
        hurry();
        start();
      });
    },
    wake() {
      for (const end of waiting) end();
    },
    stop() {
      isStopped = true;
      endPause();
    },
  };
}
