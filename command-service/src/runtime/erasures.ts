/** What a key store restored from a backup must do again (domain 9.8). */
import type { Position } from '@creator-dashboards/shared/ports';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import type { CommandService } from './service.js';

/** How far down the log the keys of erased users are known to be destroyed; in the key store, so that it ages with the keys. */
const MARK = 'erasures';
const BATCH = 1_000;

/**
 * Refuses an empty key store beside a log that is not: everything sealed would read as erased, and new keys would be made for
 * subjects whose old values they do not open. Throws StoreFailed. The mark is there from the first start on.
 */
export async function checkKeyStore({ events, keys }: Pick<CommandService, 'events' | 'keys'>): Promise<void> {
  if ((await events.head()) > 0n && (await keys.getMark(MARK)) === null)
    throw new StoreFailed(
      'the key store is empty but the log is not: restore the key store from its backup, then start again',
    );
}

/**
 * Destroys the keys of all users whose erasure was requested since the key store's mark, then moves the mark. Run at every
 * start, before anything is read or written: a restored key store has old keys and, with them, an old mark.
 */
export async function repeatErasures({
  events,
  keys,
  sealer,
}: Pick<CommandService, 'events' | 'keys' | 'sealer'>): Promise<void> {
  const head = await events.head();
  let after = startOf(await keys.getMark(MARK), head);
  while (after < head) {
    const batch = await events.readAll({ after, limit: BATCH });
    for (const { type, metadata, position } of batch) {
      after = position;
      if (type !== 'UserErasureRequested' || !metadata.keys.userId) continue;
      await keys.destroy(metadata.keys.userId);
      sealer.forget(metadata.keys.userId);
    }
    if (batch.length === 0) break;
  }
  await keys.setMark(MARK, after.toString());
}

/** A mark beyond the head is of another log: begin at its start. */
function startOf(mark: string | null, head: Position): Position {
  const position = BigInt(mark ?? 0);
  return position > head ? 0n : position;
}
