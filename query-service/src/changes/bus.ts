/**
 * The one bus of changes of a process that serves views: what it knows of every view's alias and checkpoint, and which documents may
 * have changed since. It learns at once what this process writes, and looks at what others write: one look for all views, every 50 ms
 * while anybody reads, every 5 ms while somebody waits. A notice only says where to look again (docs/changes.md).
 */
import type { Changes, Told } from '@creator-dashboards/shared/changes/changes';
import { writtenSince } from '@creator-dashboards/shared/changes/ring';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, feedNameOf, type Alias } from '@creator-dashboards/shared/views/alias';
import { generationToShow } from '@creator-dashboards/shared/views/generation';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { isDeepStrictEqual } from 'node:util';
import { createLooking } from './looking.js';

/** Documents of one generation that may have changed. */
export interface Change {
  readonly view: ViewName;
  readonly collection: string;
  /** Null: any of them. */
  readonly keys: ReadonlySet<string> | null;
}

export interface Bus {
  /** Looks where the last look is too long ago. What is known afterwards is at most half a second old. Throws what the store throws. */
  current(): Promise<void> | undefined;
  /** A look that begins now. Throws what the store throws. */
  look(): Promise<void>;
  /** As known; null where there is none. */
  alias(view: ViewName): Alias | null;
  /** By the name of the feed. */
  checkpoint(feed: string): Checkpoint | null;
  /** Whether changes of this collection are told: those of what is served, and of what was served before. */
  isFollowed(collection: string): boolean;
  /** Calls `listener` for what may have changed, before it is shown as known, until the returned function is called. */
  listen(listener: (change: Change) => void): () => void;
  /** Has it look, also while nobody reads, until the returned function is called. */
  hold(): () => void;
  /** Counts what became known. */
  turn(): number;
  /** Resolves when more is known than at that turn, at the latest after `ms`. */
  next(turn: number, ms: number): Promise<void>;
  /** No looks by time any more: each read that needs one looks itself. */
  stop(): void;
}

export interface BusOptions {
  readonly reads: Pick<ReadStore, 'getMany' | 'stamp'>;
  /** What this process writes through its read store. */
  readonly changes: Pick<Changes, 'listen'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** What this code can present. */
  readonly views: Readonly<Record<ViewName, Pick<View, 'version' | 'presentsFrom' | 'kept'>>>;
  /** It looks before each read, not by time: for tests, in which time stands still. */
  readonly looksAlways?: boolean | undefined;
}

interface Followed {
  readonly view: ViewName;
  readonly collection: string;
}

/** Looks may fail or be late, as on a busy machine: then what is known counts no longer. */
const KNOWN_MS = SECOND / 2;

export function createBus({ reads, changes, clock, views, looksAlways = false }: BusOptions): Bus {
  const names = Object.keys(views) as ViewName[];
  const listeners = new Set<(change: Change) => void>();
  let aliases: ReadonlyMap<string, Alias> = new Map();
  /** By the name of the feed. */
  let followed: ReadonlyMap<string, Followed> = new Map();
  let collections: ReadonlyMap<string, Followed> = new Map();
  const checkpoints = new Map<string, Checkpoint>();
  /** Feeds whose records this process wrote during the look under way, which may have read them before. */
  let toldMeanwhile = new Set<string>();
  let [turns, lookedAt, isOutdated] = [0, -Infinity, false];
  /** That of the store before the last look at its records. */
  let seen: string | undefined;
  const looking = createLooking({ clock, work: lookOnce });

  function tell({ view, collection }: Followed, keys: Change['keys']): void {
    for (const listener of listeners) listener({ view, collection, keys });
  }

  function moved(): void {
    turns += 1;
    looking.wake();
  }

  /** A record as it was found, or written here. */
  function know(feed: string, record: Checkpoint | undefined): void {
    const of = followed.get(feed);
    const known = checkpoints.get(feed);
    if (!of || (!record && !known)) return;
    const keys = record && known ? writtenSince(record, known) : 'any';
    if (keys !== 'any' && record?.beat === known?.beat) return;
    if (keys === 'any') tell(of, null);
    else if (keys.size > 0) tell(of, keys);
    if (record) checkpoints.set(feed, record);
    else checkpoints.delete(feed);
    moved();
  }

  /** What each view's reads may need: the generation shown, and the one of before. By the name of the feed. */
  function followedBy(found: ReadonlyMap<string, Alias>): Map<string, Followed> {
    const next = new Map<string, Followed>();
    for (const view of names) {
      const alias = found.get(view);
      if (!alias) continue;
      for (const generation of [generationToShow(alias, views[view]), alias.previous])
        if (generation) next.set(feedNameOf(view, generation), { view, collection: collectionOf(view, generation) });
    }
    return next;
  }

  function follow(found: ReadonlyMap<string, Alias>, next: ReadonlyMap<string, Followed>): void {
    const before = { aliases, followed };
    aliases = found;
    followed = next;
    collections = new Map([...next.values()].map((of) => [of.collection, of]));
    for (const feed of before.followed.keys()) if (!next.has(feed)) checkpoints.delete(feed);
    for (const of of [...before.followed.values(), ...next.values()])
      if (!isDeepStrictEqual(before.aliases.get(of.view), found.get(of.view))) tell(of, null);
    moved();
  }

  async function lookOnce(): Promise<void> {
    const began = clock.monotonic();
    toldMeanwhile = new Set();
    const wasOutdated = isOutdated;
    isOutdated = false;
    try {
      await lookAtAll();
      lookedAt = began;
    } catch (error) {
      isOutdated ||= wasOutdated;
      throw error;
    }
  }

  async function lookAtAll(): Promise<void> {
    const stamp = reads.stamp?.();
    if (stamp !== undefined && stamp === seen) return;
    const recordsOf = (feeds: Iterable<string>) => reads.getMany<Checkpoint>(CHECKPOINTS, [...feeds]);
    const before = followed;
    const [found, asBefore] = await Promise.all([reads.getMany<Alias>(ALIASES, names), recordsOf(before.keys())]);
    const isSame = isDeepStrictEqual(found, aliases);
    const next = isSame ? before : followedBy(found);
    const records = isSame ? asBefore : await recordsOf(next.keys());
    if (!isSame) follow(found, next); // together with the records, so that nobody meets one without the other
    for (const feed of next.keys()) if (!toldMeanwhile.has(feed)) know(feed, records.get(feed));
    seen = stamp;
  }

  changes.listen(({ collection, documents }: Told) => {
    const of = collections.get(collection);
    if (of) {
      tell(of, documents && new Set(documents.keys()));
      moved();
    } else if (collection === ALIASES) isOutdated = true;
    else if (collection === CHECKPOINTS)
      for (const feed of documents?.keys() ?? followed.keys()) {
        if (!followed.has(feed)) continue;
        const written = documents?.get(feed) as Checkpoint | undefined;
        const isNewer = written && written.beat > (checkpoints.get(feed)?.beat ?? Infinity);
        if (!isNewer) isOutdated = true;
        else {
          toldMeanwhile.add(feed);
          know(feed, written);
        }
      }
  });

  return {
    current() {
      if (looksAlways) return looking.look();
      const now = clock.monotonic();
      looking.use(now);
      const isCurrent = !isOutdated && now - lookedAt < KNOWN_MS;
      return isCurrent ? undefined : looking.look();
    },
    look: looking.look,
    alias: (view) => aliases.get(view) ?? null,
    checkpoint: (feed) => checkpoints.get(feed) ?? null,
    isFollowed: (collection) => collections.has(collection),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    hold: looking.hold,
    turn: () => turns,
    next: (turn, ms) => (turn === turns ? looking.waitFor(ms) : Promise.resolve()),
    stop: looking.stop,
  };
}
