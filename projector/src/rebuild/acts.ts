/** What was decided about a rebuild: by whom, why and when. */
import type { Instant } from '@creator-dashboards/shared/time';

/** Who acts: an operator at the command line, perhaps with a name, or a process by itself. */
export interface Who {
  readonly actor: 'cli' | 'projector';
  readonly by: string | null;
  readonly reason: string | null;
}

export interface Act extends Who {
  readonly what: 'planned' | 'paused' | 'resumed' | 'let through' | 'cancelled';
  readonly at: Instant;
}

export const BY_ITSELF: Who = { actor: 'projector', by: null, reason: null };

/** How many acts a plan keeps: its first, and the newest. */
const MAX_ACTS = 50;

export function withAct(acts: readonly Act[], what: Act['what'], who: Who, at: Instant): readonly Act[] {
  const all = [...acts, { what, ...who, at }];
  return all.length <= MAX_ACTS ? all : [...all.slice(0, 1), ...all.slice(1 - MAX_ACTS)];
}

/** "paused by anna: the disk is busy" */
export function textOfAct({ what, actor, by, reason }: Pick<Act, 'what' | keyof Who>): string {
  return `${what} by ${by ?? actor}${reason === null ? '' : `: ${reason}`}`;
}
