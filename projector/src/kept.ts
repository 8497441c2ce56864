/** The generations of a view that the read store holds: what they are, how large, and which may go. */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from './builds.js';
import { aliasOf, forgetServed, serialOf, versionOf } from './generations.js';
import { isOpen, REBUILDS, type Rebuild } from './rebuild/plan.js';
import { sharesOf, SHARES } from './rebuild/share.js';

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
 * Deletes the documents of a generation, after its feed was fenced off and the alias names it no more. Its checkpoint begins anew, so that
 * a rollback to it would build it from nothing, and none that is under way serves what was dropped. False, and nothing has changed, if it
 * is served by now. The caller has seen that it is not being built.
 */
export async function dropGeneration(reads: ReadStore, view: string, generation: string): Promise<boolean> {
  const feed = feedNameOf(view, generation);
  for (const share of await sharesOf(reads, feed)) await fenceOff(reads, SHARES, share);
  const before = await fenceOff(reads, CHECKPOINTS, feed);
  if (!(await forgetServed(reads, view, generation))) {
    if (before) await giveBack(reads, before);
    return false;
  }
  await reads.drop(collectionOf(view, generation));
  return true;
}

/** Whether a generation is at the beginning: an operator may have dropped what another one rolls back to. */
export async function isUnbuilt(reads: Pick<ReadStore, 'get'>, view: string, generation: string): Promise<boolean> {
  const checkpoint = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation));
  return (checkpoint?.position ?? 0n) === 0n;
}

/** Returns the record as it was; null where there is none. */
async function fenceOff(reads: ReadStore, collection: string, id: string): Promise<Checkpoint | null> {
  for (;;) {
    const before = await reads.get<Checkpoint>(collection, id);
    if (!before) return null;
    const document = { ...before, position: 0n, eventId: null, owner: '', token: before.token + 1, beat: 0 };
    const expected = { token: before.token, owner: before.owner };
    if ((await reads.write(collection, [{ document, expected }])).size > 0) return before;
  }
}

async function giveBack(reads: ReadStore, before: Checkpoint): Promise<void> {
  const token = before.token + 1;
  await reads.write(CHECKPOINTS, [{ document: { ...before, owner: '', token }, expected: { token, owner: '' } }]);
}

/**
 * Drops what is left over beyond so many generations, the oldest first: never the served one, nor the one before it, nor what an older
 * release, whose code is not here, still feeds and shows. Returns their names.
 */
export async function keepGenerations(reads: ReadStore, view: View, keep: number): Promise<string[]> {
  const kept = await generationsOf(reads, view.name);
  const leftOver: KeptGeneration[] = [];
  for (const one of kept) if (one.role === 'left over' && !(await isInUse(reads, view, one))) leftOver.push(one);
  const spared = Math.max(0, keep - (kept.length - leftOver.length));
  const dropped: string[] = [];
  for (const { generation } of leftOver.slice(spared))
    if (await dropGeneration(reads, view.name, generation)) dropped.push(generation);
  return dropped;
}

async function isInUse(reads: ReadStore, view: View, { generation, owner }: KeptGeneration): Promise<boolean> {
  return owner !== '' && (await codeThatBuilt(reads, view, generation)) === null;
}
