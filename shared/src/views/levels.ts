/** The creator levels in order, what each requires (gates, G9), and which one a creator has earned (promotion, G8). */
import type { Level } from '../events/define.js';
import type { Cents } from '../money.js';
import { configCents, configValue, type ConfigValues } from '../platform-config.js';

export interface LevelTotals {
  /** Messages that reached the creator. */
  readonly messages: number;
  /** Earnings credited, net of reversals. */
  readonly earnings: Cents;
}

type Earned = Exclude<Level, 'BRONZE'>;
/** What each level above BRONZE requires: both gates at once. */
export type LevelGates = Readonly<Record<Earned, LevelTotals>>;

const LADDER = ['BRONZE', 'SILVER', 'GOLD', 'PLATINUM'] as const satisfies readonly Level[];

/** One step up; null at the top. */
export function nextLevelOf(level: Level): Earned | null {
  return (LADDER[LADDER.indexOf(level) + 1] as Earned | undefined) ?? null;
}

/** What a level requires under the config in force. */
export function gatesOf(level: Earned, config: ConfigValues | null): LevelTotals {
  const name = level.toLowerCase() as Lowercase<Earned>;
  return {
    messages: configValue(config, `creator.${name}_min_messages`),
    earnings: configCents(config, `creator.${name}_min_earnings`),
  };
}

export function levelGates(config: ConfigValues | null): LevelGates {
  return { SILVER: gatesOf('SILVER', config), GOLD: gatesOf('GOLD', config), PLATINUM: gatesOf('PLATINUM', config) };
}

/** The level reached from `from` by climbing while both gates of the next one are met; never lower than `from`. */
export function climb(from: Level, totals: LevelTotals, gates: LevelGates): Level {
  for (let reached = from; ;) {
    const next = nextLevelOf(reached);
    if (!next || totals.messages < gates[next].messages || totals.earnings < gates[next].earnings) return reached;
    reached = next;
  }
}
