/** What was decided about a rebuild: by whom, why and when. */
import { actorIdOf, type Accessor } from '@creator-dashboards/shared/access/record';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { KeyMissing } from '@creator-dashboards/shared/store-errors';
import type { Instant } from '@creator-dashboards/shared/time';

/** Who acts: an operator at the command line ("cli", perhaps with a name), an admin (the userId), or a process by itself ("projector"). */
export interface Who {
  readonly actor: string;
  readonly by: string | null;
  /** What a person typed is sealed under the actor, as in the log; what a process says by itself is not. */
  readonly reason: Sealed<string> | string | null;
}

/** An operator as plans and their history name them. Throws what the sealer throws. */
export async function whoIs(sealer: Pick<Sealer, 'seal'>, accessor: Accessor): Promise<Who> {
  const { actor, by, reason } = accessor;
  const sealed = reason === null ? null : await sealer.seal(kinds.reason, actorIdOf(accessor), reason);
  return { actor: actor.userId ?? actor.role, by, reason: sealed };
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

/** "paused by anna": what a plan keeps as its `error`. `told` adds the reason. */
export function textOfAct({ what, actor, by }: Pick<Act, 'what' | 'actor' | 'by'>): string {
  return `${what} by ${by ?? actor}`;
}

/** As operators and auditors are told, with reasons in words. */
export type Told<T extends { readonly acts: readonly Act[] }> = Omit<T, 'acts'> & {
  readonly acts: readonly (Omit<Act, 'reason'> & { readonly reason: string | null })[];
};

export type Opener = Pick<Sealer, 'open'>;

/** A plan, or what has become of one: "paused by anna: the disk is busy". Wherever one is shown, it is shown as told. */
export async function told<
  T extends { readonly state: string; readonly error: string | null; readonly acts: readonly Act[] },
>(opener: Opener, plan: T): Promise<Told<T>> {
  const acts = await Promise.all(plan.acts.map(async (act) => ({ ...act, reason: await reasonIn(opener, act) })));
  const reason = plan.state === 'PAUSED' || plan.state === 'CANCELLED' ? (acts.at(-1)?.reason ?? null) : null;
  return { ...plan, acts, error: reason === null ? plan.error : `${plan.error}: ${reason}` };
}

/** Null as well where the actor was erased, or her key is missing: what is told of a plan is told without it. */
export async function reasonIn(opener: Opener, { reason }: Pick<Who, 'reason'>): Promise<string | null> {
  if (reason === null || typeof reason === 'string') return reason;
  return opener.open(kinds.reason, reason).catch((error: unknown) => {
    if (error instanceof KeyMissing) return null;
    throw error;
  });
}
