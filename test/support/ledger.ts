/**
 * What was asked of a system that may die at any moment, and what it answered. Whatever was not answered is asked again
 * under the same key, at once or much later.
 */
import type { Answer, Command, Data, Send } from './commands.js';

export interface LedgerEntry {
  readonly command: Command;
  /** Null while the outcome is unknown. */
  answer: Answer | null;
  /** Tries that are not answered yet. */
  underWay: number;
  /** Called with its result. */
  readonly then: (data: Data) => unknown;
}

/** Says nothing about the command, which may succeed later. */
const isTransient = ({ refused }: Answer) =>
  refused === 'common.busy' || refused === 'common.unavailable' || refused === 'common.rate_limited';

/**
 * What a repetition must answer again. Not the position: it is that of the last follow-up, and a follow-up that has
 * become pointless (a second rename changes a referral code only once) is not repeated.
 */
const resultOf = ({ status, data, refused }: Answer) =>
  JSON.stringify({ status, data: { ...data, position: null }, refused });

/** Far more than a system needs that was just disturbed. */
const ROUNDS = 1_000;

const succeeded = ({ status }: Answer) => status < 300;

/** Of the user who sent it; undefined of others. */
const idOf = ({ as }: Command) => (typeof as === 'object' ? as.userId : undefined);

export type Ledger = ReturnType<typeof createLedger>;

/** What was asked, and what is known of it. */
export function createLedger(send: Send) {
  const asked: LedgerEntry[] = [];
  const unexpected: string[] = [];
  /** Whose erasure was asked for; it may be done or not. */
  const erased = new Set<string | undefined>();
  let answers = 0;
  let waiting: { from: number; wake: () => void } | null = null;

  /** May be called for one entry several times at once. */
  async function ask(entry: LedgerEntry): Promise<void> {
    const known = entry.answer;
    entry.underWay += 1;
    if (entry.command.route === 'POST /admin/users/:userId/erase') erased.add(entry.command.params?.userId);
    const answer = await send(entry.command).catch(() => null);
    entry.underWay -= 1;
    if (!answer || isTransient(answer)) return;
    const isUnknown = answer.refused === 'auth.account.unknown';
    if (answer.status === 500 || (isUnknown && !erased.has(idOf(entry.command))))
      unexpected.push(`${entry.command.route} ${JSON.stringify(answer)}`);
    const first = entry.answer;
    // Refusals are not kept: each try is decided again (domain 9.7), so one says nothing about another at the same
    // time.
    const others = entry.underWay > 0 || first !== known;
    if (!succeeded(answer) && others) return;
    if (first && isUnknown) return; // who was erased since is told neither the result nor that there was one
    if (first && resultOf(first) !== resultOf(answer))
      unexpected.push(`${entry.command.route}: first ${JSON.stringify(first)}, then ${JSON.stringify(answer)}`);
    if (first) return;
    entry.answer = answer;
    answers += 1;
    if (waiting && answers >= waiting.from) waiting.wake();
    if (succeeded(answer)) await entry.then(answer.data);
  }

  const ledger = {
    /** Broken promises: a 500, an account that is unknown and was never erased, or a command that succeeded and was answered differently when it was repeated. */
    unexpected,
    all: (): readonly LedgerEntry[] => asked,
    open: (): LedgerEntry[] => asked.filter(({ answer }) => answer === null),
    answeredSoFar: (): LedgerEntry[] => asked.filter(({ answer }) => answer !== null),
    /** The ones that succeeded. */
    done: (): LedgerEntry[] => asked.filter(({ answer }) => answer !== null && succeeded(answer)),
    async ask(command: Command, then: (data: Data) => unknown = () => undefined): Promise<void> {
      const entry = { command, answer: null, underWay: 0, then };
      asked.push(entry);
      await ask(entry);
    },
    again: ask,
    isErased: (userId: string): boolean => erased.has(userId),
    /** Asks until everything is answered. */
    async finish(): Promise<void> {
      for (let rounds = 0; ledger.open().length > 0; rounds += 1) {
        if (rounds === ROUNDS) throw new Error(`commands stay unanswered: ${JSON.stringify(ledger.open())}`);
        for (const entry of ledger.open()) await ask(entry);
      }
    },
    /** Resolves when this many more commands were answered for the first time. */
    answered: (more: number) => new Promise<void>((wake) => (waiting = { from: answers + more, wake })),
  };
  return ledger;
}
