/** What a check of the log says, in a sentence. */
import type { Integrity } from './answers.js';

export interface Verdict {
  readonly health: 'good' | 'warn' | 'bad';
  readonly title: string;
  readonly text: string;
}

export function verdictOf({ signedAt, checked, broken, rounds, size }: Integrity): Verdict {
  const whole = rounds.find(({ endedAt }) => endedAt !== null);
  const faults = broken.length + rounds.reduce((sum, round) => sum + round.faults, 0);
  const n = (of: number) => of.toLocaleString('en');
  if (faults > 0)
    return {
      health: 'bad',
      title: 'The log is not what was signed',
      text: `${n(faults)} faults were found. Nothing below them can be relied on until each is explained.`,
    };
  if (signedAt === null)
    return {
      health: 'warn',
      title: 'Nothing is signed yet',
      text: 'The first head is signed a minute after the start.',
    };
  const newest = `The newest ${n(checked)} events were compared with it just now: nothing was changed.`;
  const all = whole
    ? ` All ${n(whole.checked)} events were compared, ended at ${whole.endedAt ?? ''}.`
    : ' The whole log is compared once a day.';
  return {
    health: 'good',
    title: 'Nothing was tampered with',
    text: `A head of ${n(size)} events is signed. ${newest}${all}`,
  };
}
