/** The ladder of creator levels and what a creator has earned on it (G8, G9). */
import type { Level } from '@creator-dashboards/shared/events/define';
import type { Cents } from '@creator-dashboards/shared/money';

export interface LevelTotals {
  readonly messages: number;
  /** Earnings credited, net of reversals. */
  readonly earnings: Cents;
}

/** What each level above the first asks for: both at once. */
export type LevelGates = Readonly<Record<Exclude<Level, 'BRONZE'>, LevelTotals>>;

const LADDER = ['BRONZE', 'SILVER', 'GOLD', 'PLATINUM'] as const satisfies readonly Level[];

/** The level reached from `from` by climbing while both gates of the next one are met; never lower than `from`. */
export function climb(from: Level, totals: LevelTotals, gates: LevelGates): Level {
  let reached = from;
  for (const next of LADDER.slice(LADDER.indexOf(from) + 1)) {
    const gate = gates[next as keyof LevelGates];
    if (totals.messages < gate.messages || totals.earnings < gate.earnings) break;
    reached = next;
  }
  return reached;
}
