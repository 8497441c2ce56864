/** The generations of a view that the read store holds: what they are, how large, and which may go. */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { aliasOf, serialOf, versionOf } from './generations.js';
import { isOpen, REBUILDS, type Rebuild } from './rebuild/plan.js';

export interface KeptGeneration {
  readonly view: string;
  readonly generation: string;
  /** served; previous, which a rollback goes back to; building, by an open plan; or left over. */
  readonly role: 'served' | 'previous' | 'building' | 'left over';
  readonly documents: number;
  readonly position: Position;
  /** Who feeds it; empty if nobody does. */
  readonly owner: string;
}

/** The newest first. */
export async function generationsOf(reads: ReadStore, view: string): Promise<KeptGeneration[]> {
  const prefix = collectionOf(view, '');
  const names = (await reads.collections()).filter((name) => name.startsWith(prefix));
  const alias = await aliasOf(reads, view);
  const kept = await Promise.all(
    names.map(async (collection): Promise<KeptGeneration> => {
      const generation = collection.slice(prefix.length);
      const feed = feedNameOf(view, generation);
      const plan = await reads.get<Rebuild>(REBUILDS, `${view}.${generation}`);
      const checkpoint = await reads.get<Checkpoint>(CHECKPOINTS, feed);
      return {
        view,
        generation,
        role: roleOf(generation, alias, plan),
        documents: await reads.count(collection),
        position: checkpoint?.position ?? 0n,
        owner: checkpoint?.owner ?? '',
      };
    }),
  );
  return kept.sort(
    (a, b) => versionOf(b.generation) - versionOf(a.generation) || serialOf(b.generation) - serialOf(a.generation),
  );
}

function roleOf(
  generation: string,
  alias: { readonly generation: string; readonly previous: string | null } | null,
  plan: Rebuild | null,
): KeptGeneration['role'] {
  if (alias?.generation === generation) return 'served';
  if (plan && isOpen(plan)) return 'building';
  return alias?.previous === generation ? 'previous' : 'left over';
}

/**
 * Deletes the documents of a generation, after its feed was fenced off. Its checkpoint begins anew, so that a rollback to it would
 * build it from nothing. The caller has seen that it is neither served nor being built.
 */
export async function dropGeneration(reads: ReadStore, view: string, generation: string): Promise<void> {
  for (;;) {
    const before = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation));
    if (!before) break;
    const document = { ...before, position: 0n, eventId: null, owner: '', token: before.token + 1, beat: 0 };
    const expected = { token: before.token, owner: before.owner };
    if ((await reads.write(CHECKPOINTS, [{ document, expected }])).size > 0) break;
  }
  await reads.drop(collectionOf(view, generation));
}

/** Drops what is left over beyond so many generations, the oldest first: never the served one, nor the one before it. Returns their names. */
export async function keepGenerations(reads: ReadStore, view: string, keep: number): Promise<string[]> {
  const kept = await generationsOf(reads, view);
  const leftOver = kept.filter(({ role }) => role === 'left over');
  const spared = Math.max(0, keep - (kept.length - leftOver.length));
  const dropped = leftOver.slice(spared).map(({ generation }) => generation);
  for (const generation of dropped) await dropGeneration(reads, view, generation);
  return dropped;
}
