/** Which generation of a view may be served next, or why none may. */
import type { Generation, Rebuild } from './answers.js';

export interface Way {
  /** Null: it can be done now. */
  readonly whyNot: string | null;
  readonly to: string | null;
}

/** Back to the generation that was served before. */
export function wayBack(generations: readonly Generation[], rebuild: Rebuild | null): Way {
  const previous = generations.find(({ role }) => role === 'previous');
  if (!previous) return { to: null, whyNot: 'No generation was served before this one, or it was deleted.' };
  if (isUnderWay(rebuild)) return { to: previous.generation, whyNot: 'A rebuild is under way: cancel it first.' };
  if (previous.owner === '')
    return { to: previous.generation, whyNot: 'Nobody feeds it any more: serve it frozen, or rebuild.' };
  return { to: previous.generation, whyNot: null };
}

/** Forward to the generation that was built. */
export function wayOn(rebuild: Rebuild | null): Way {
  if (!rebuild || !isUnderWay(rebuild)) return { to: null, whyNot: 'No rebuild waits.' };
  if (rebuild.state !== 'HELD') return { to: rebuild.generation, whyNot: 'It is not held: it switches by itself.' };
  return { to: rebuild.generation, whyNot: null };
}

const UNDER_WAY = new Set<Rebuild['state']>(['RUNNING', 'CAUGHT_UP', 'PAUSED', 'HELD', 'FAILED']);

export function isUnderWay(rebuild: Pick<Rebuild, 'state'> | null): boolean {
  return rebuild !== null && UNDER_WAY.has(rebuild.state);
}
