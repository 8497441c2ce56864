/**
 * What was asked of a system that may die at any moment, and what it answered. Whatever was not answered is asked again under
 * the same key, at once or much later.
 */
import { idOfCommand, type Answer, type Command, type Data, type Send } from './commands.js';

export interface Asked {
  readonly command: Command;
  /** Null while nobody has heard what became of it. */
  answer: Answer | null;
  /** What is done with its result. */
  readonly then: (data: Data) => unknown;
}

/** Says nothing of the command, which may succeed later. */
const isPassing = ({ refused }: Answer) =>
  refused === 'common.busy' || refused === 'common.unavailable' || refused === 'common.rate_limited';

export type Ledger = ReturnType<typeof createLedger>;

/** What was asked, and what is known of it. */
export function createLedger(send: Send) {
  const asked = new Map<string, Asked>();
  const unexpected: string[] = [];
  let answers = 0;
  let waiting: { from: number; wake: () => void } | null = null;

  async function ask(entry: Asked): Promise<void> {
    const answer = await send(entry.command).catch(() => null);
    if (!answer || isPassing(answer)) return;
    const first = entry.answer;
    if (first && JSON.stringify(first) !== JSON.stringify(answer))
      unexpected.push(`${entry.command.route}: first ${JSON.stringify(first)}, then ${JSON.stringify(answer)}`);
    if (answer.status === 500) unexpected.push(`${entry.command.route} ${JSON.stringify(answer)}`);
    if (first) return;
    entry.answer = answer;
    answers += 1;
    if (waiting && answers >= waiting.from) waiting.wake();
    if (answer.status < 300) await entry.then(answer.data);
  }

  return {
    /** Broken promises: a 5xx, or a repeated command that was answered otherwise than before. */
    unexpected,
    all: (): readonly Asked[] => [...asked.values()],
    open: (): Asked[] => [...asked.values()].filter(({ answer }) => answer === null),
    answeredSoFar: (): Asked[] => [...asked.values()].filter(({ answer }) => answer !== null),
    /** Those that succeeded. */
    done: (): Asked[] => [...asked.values()].filter(({ answer }) => answer !== null && answer.status < 300),
    async ask(command: Command, then: (data: Data) => unknown = () => undefined): Promise<void> {
      const entry = { command, answer: null, then };
      asked.set(idOfCommand(command), entry);
      await ask(entry);
    },
    again: ask,
    /** Resolves when so many more commands were answered for the first time. */
    answered: (more: number) => new Promise<void>((wake) => (waiting = { from: answers + more, wake })),
  };
}
