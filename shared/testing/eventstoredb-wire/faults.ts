/** The faults that tests ask of the server. The handlers ask here; nothing here knows gRPC calls. */

/** Calls that wait until the test lets them go on. */
export interface Hold {
  /** Resolves when this many calls have been held in total. */
  reached(count: number): Promise<void>;
  /** Lets the held calls continue and holds no more. */
  release(): void;
}

export interface Gate {
  hold(): Hold;
  /** Null, or what to wait for. */
  pass(): Promise<void> | null;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Faults {
  readonly beforeWrite: Gate;
  readonly afterWrite: Gate;
  readonly reads: Gate;
  /** Connections still to be broken, one per append. */
  breakBeforeWrite: number;
  breakAfterWrite: number;
  /** Calls still to be rejected because this node is not the leader. */
  refusals: number;
  /** Calls still to fail with an unknown server error. */
  hiccups: number;
  leader: Endpoint;
  /** The server is up but not ready. */
  starting: boolean;
  /** Subscriptions still to come that will deliver nothing. */
  mutedToCome: number;
  /** Events still to be delivered twice. */
  repeats: number;
}

export function createFaults(self: Endpoint): Faults {
  return {
    beforeWrite: createGate(),
    afterWrite: createGate(),
    reads: createGate(),
    breakBeforeWrite: 0,
    breakAfterWrite: 0,
    refusals: 0,
    hiccups: 0,
    leader: self,
    starting: false,
    mutedToCome: 0,
    repeats: 0,
  };
}

function createGate(): Gate {
  let held: Promise<void> | null = null;
  let arrived = () => {};
  return {
    hold() {
      let open = () => {};
      let count = 0;
      const waiting = new Set<() => void>();
      held = new Promise((resolve) => (open = resolve));
      arrived = () => {
        count++;
        for (const check of waiting) check();
      };
      return {
        reached: (wanted) =>
          new Promise((resolve) => {
            const check = () => {
              if (count >= wanted) resolve();
            };
            waiting.add(check);
            check();
          }),
        release() {
          held = null;
          arrived = () => {};
          open();
        },
      };
    },
    pass() {
      arrived();
      return held;
    },
  };
}
