/** What was decided about a rebuild: by whom, why and when. */
import type { Accessor } from '@creator-dashboards/shared/access/record';
import type { Instant } from '@creator-dashboards/shared/time';

/** Who acts: an operator at the command line ("cli", perhaps with a name), an admin (the userId), or a process by itself ("projector"). */
export interface Who {
  readonly actor: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** An operator as plans and their history name them. */
export function whoIs({ actor, by, reason }: Accessor): Who {
  return { actor: actor.userId ?? actor.role, by, reason };
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
