/** What a client has of where it runs: the one place that knows a browser (or Node). Tests bring their own. */
export interface Surroundings {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls after so many milliseconds; returns what prevents it. */
  readonly after: (ms: number, call: () => void) => () => void;
  /** A name that nothing else has. */
  readonly newKey: () => string;
  /** From 0 to before 1. */
  readonly chance: () => number;
}

export const here: Surroundings = {
  fetch: (...request) => fetch(...request),
  now: Date.now,
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  newKey: () => crypto.randomUUID(),
  chance: Math.random,
};

export function wait({ after }: Pick<Surroundings, 'after'>, ms: number): Promise<void> {
  return new Promise((resolve) => void after(ms, resolve));
}
