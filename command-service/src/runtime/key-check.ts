/**
 * Checks at every start, before anything is written, that the key store belongs to this log (domain G63), and repeats the erasures
 * that a key store restored from a backup has forgotten (domain 9.8).
 */
import type { EventStore, KeyStore, Position } from '@creator-dashboards/shared/ports';
import { DIGESTS, digestWith, type Digest, type Sealer } from '@creator-dashboards/shared/seal';
import { KeyMissing } from '@creator-dashboards/shared/store-errors';
import { ownTurn } from '@creator-dashboards/shared/turns';

/** How far down the log the key store is known to be right. Kept in the key store itself, so that a backup of it has its own mark. */
const MARK = 'erasures';
const BATCH = 1_000;
/** How many of the newest registrations must have keys. More are remembered, since some may be erased by the next start. */
const CHECKED = 5;
const REMEMBERED = 25;

interface Mark {
  readonly position: Position;
  /** Id of the event there, null at the beginning; another id means another log. */
  readonly eventId: string | null;
  /** The latest registrations, in order. */
  readonly newest: readonly string[];
}

const beginning: Mark = { position: 0n, eventId: null, newest: [] };

interface Stores {
  readonly events: Pick<EventStore, 'head' | 'readAll' | 'readAt'>;
  readonly keys: KeyStore;
  readonly sealer: Pick<Sealer, 'forget'>;
}

/**
 * Destroys again the keys of everyone whose UserErased comes after the key store's mark, moves the mark, and returns the key of the
 * digests (created if the log is empty). Throws KeyMissing, before it changes anything, if the key store is older than the log: the
 * digests' key is missing, or that of one of the newest five registrations that are not erased.
 */
export async function unlock({ events, keys, sealer }: Stores): Promise<Digest> {
  if ((await keys.get(DIGESTS)) === 'none' && (await events.head()) > 0n)
    throw missing('for the digests that name streams');
  const { mark, erased } = await survey(events, await markOf(keys, events));
  for (const userId of mark.newest.slice(-CHECKED))
    if ((await keys.get(userId)) === 'none') throw missing(`for the account ${userId}, which is in the log`);
  const key = await keys.getOrCreate(DIGESTS);
  if (key === 'destroyed') throw missing('for the digests any more');
  for (const userId of erased) {
    await keys.destroy(userId);
    sealer.forget(userId);
  }
  const { position, eventId, newest } = mark;
  await keys.setMark(MARK, JSON.stringify({ position: position.toString(), eventId, newest }));
  return digestWith(key);
}

function missing(what: string): KeyMissing {
  return new KeyMissing(
    `the key store has no key ${what}. It is empty, older than the log, or of another installation: restore its newest backup.`,
  );
}

const PEOPLE = new Set(['UserRegistered', 'UserErasureRequested', 'UserErased']);

/** Reads the log from a mark on. */
async function survey(
  events: Pick<EventStore, 'readAll'>,
  from: Mark,
): Promise<{ mark: Mark; erased: ReadonlySet<string> }> {
  let { position, eventId } = from;
  let newest = from.newest;
  const erased = new Set<string>();
  for (;;) {
    await ownTurn();
    const batch = await events.readAll({ after: position, limit: BATCH });
    if (batch.length === 0) return { mark: { position, eventId, newest }, erased };
    for (const event of batch) {
      position = event.position;
      eventId = event.id;
      if (!PEOPLE.has(event.type)) continue; // nothing else is read, and may be damaged
      const { userId } = event.metadata.keys;
      if (!userId) continue;
      if (event.type === 'UserRegistered') newest = [...newest, userId].slice(-REMEMBERED);
      // After the request a policy may have destroyed her key already: not a missing one.
      if (event.type === 'UserErasureRequested') newest = newest.filter((other) => other !== userId);
      if (event.type === 'UserErased') erased.add(userId);
    }
  }
}

/** The key store's mark; the beginning of the log if it has none, or one of another log. */
async function markOf(keys: KeyStore, events: Pick<EventStore, 'readAt'>): Promise<Mark> {
  const text = await keys.getMark(MARK);
  if (text === null) return beginning;
  const stored = JSON.parse(text) as Omit<Mark, 'position'> & { readonly position: string };
  const position = BigInt(stored.position);
  const there = await events.readAt(position);
  return there?.id === stored.eventId ? { ...stored, position } : beginning;
}
