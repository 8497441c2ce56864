/** The faults that tests ask of the server. The server asks here around each command; nothing here knows sockets. */
import { CommandError } from './refusals.js';

export type When = 'before' | 'after';

/** Commands that wait until the test lets them continue. */
export interface Hold {
  /** Resolves when this many commands have been held in total. */
  reached(count: number): Promise<void>;
  /** Lets the held commands continue and holds no more. */
  release(): void;
}

export interface Misbehaviour {
  /** Drops the connection of the next command (of that name): before it is executed, or executed but not answered. */
  breakNext(when: When, command?: string): void;
  /**
   * Makes every command (of that name) wait: executed but not answered, or with 'before' not yet executed. A waiting
   * command is executed on release even if its client is gone.
   */
  hold(command?: string, when?: When): Hold;
  /** Rejects the next command of that name with an error of this code, and executes nothing. */
  failNext(command: string, code: number, message: string, labels?: readonly string[]): void;
  /**
   * Accepts connections and commands and answers nothing, hellos included, until `thaw`: then it executes all it was
   * sent.
   */
  freeze(): void;
  thaw(): void;
}

export interface Faults extends Misbehaviour {
  /** Whether to break the connection here; true once per `breakNext`. */
  breaks(when: When, command: string): boolean;
  /** Resolves when nothing holds the command; null if nothing does. */
  held(when: When, command: string): Promise<void> | null;
  /** The error to reject the command with, or null; once per `failNext`. */
  refusal(command: string): CommandError | null;
  frozen(): Promise<void> | null;
}

interface OpenHold extends Hold {
  readonly command: string | undefined;
  readonly when: When;
  readonly released: Promise<void>;
  arrived(): void;
}

export function createFaults(): Faults {
  const breaks: { readonly when: When; readonly command: string | undefined }[] = [];
  const refusals: { readonly command: string; readonly refusal: CommandError }[] = [];
  const holds = new Set<OpenHold>();
  let ice: { readonly thawed: Promise<void>; melt(): void } | null = null;

  return {
    breakNext: (when, command) => void breaks.push({ when, command }),
    hold(command, when = 'after') {
      const hold = createHold(command, when, () => holds.delete(hold));
      holds.add(hold);
      return hold;
    },
    failNext(command, code, message, labels) {
      const refusal = new CommandError(code, message, labels ? { errorLabels: labels } : {});
      refusals.push({ command, refusal });
    },
    freeze() {
      const { promise: thawed, resolve: melt } = deferred();
      ice ??= { thawed, melt };
    },
    thaw() {
      ice?.melt();
      ice = null;
    },
    breaks: (when, name) => take(breaks, (one) => one.when === when && (one.command ?? name) === name) !== undefined,
    held(when, name) {
      const mine = [...holds].filter((one) => one.when === when && (one.command ?? name) === name);
      for (const hold of mine) hold.arrived();
      return mine.length === 0 ? null : Promise.all(mine.map(({ released }) => released)).then(() => {});
    },
    refusal: (name) => take(refusals, ({ command }) => command === name)?.refusal ?? null,
    frozen: () => ice?.thawed ?? null,
  };
}

function take<T>(list: T[], wanted: (one: T) => boolean): T | undefined {
  const at = list.findIndex(wanted);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function createHold(command: string | undefined, when: When, end: () => void): OpenHold {
  const { promise: released, resolve } = deferred();
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    command,
    when,
    released,
    arrived() {
      count++;
      for (const check of waiting) check();
    },
    reached: (wanted) =>
      new Promise((done) => {
        const check = () => {
          if (count >= wanted) done();
        };
        waiting.add(check);
        check();
      }),
    release() {
      end();
      resolve();
    },
  };
}
