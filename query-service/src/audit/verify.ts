/**
 * Whether the log is what was signed: every event of it is hashed again, and each root is compared with the head that was signed when
 * the log had that size. The index says which event is another one.
 */
import type { IndexedEvent } from '@creator-dashboards/shared/audit-index';
import { leafOf } from '@creator-dashboards/shared/merkle';
import { rootAt } from '@creator-dashboards/shared/merkle-proofs';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { entryOf } from './entry.js';
import { headIn, HEADS_STREAM, newestHead } from './heads.js';
import { pagesOf } from './pages.js';
import { brokenLink, ifReadable } from './show.js';
import { createJudge, type Judge } from './verify-judge.js';
import { NOTHING_VERIFIED, type FaultKind, type Verification, type VerifyOptions } from './verification.js';

const PAGE = { limit: 1_000, maxBytes: 4 * 1024 * 1024 };

/**
 * Compares the log with the index and its heads, in flat memory. Ends early, with what it has, when aborted. Throws StoreFailed or
 * DamagedEvent where the log cannot be read on, with what is wrong with its file told before.
 */
export async function verifyLog(options: VerifyOptions): Promise<Verification> {
  const { events, from = NOTHING_VERIFIED, onProgress, signal } = options;
  await tellDamage(options);
  const judge = createJudge(options);
  const comparison = await compareWith(options, judge);
  let position = from.position;
  let checked = 0;
  while (!signal?.aborted) {
    const page = await events.readAll({ after: position, ...PAGE });
    for (const event of page) {
      const isSigned = await comparison.pass(event);
      for (const [kind, message] of await faultsOf(options, event, isSigned))
        options.onFault({ kind, message, position: event.position, eventId: event.id, stream: event.stream });
      checked += 1;
      ({ position } = event);
    }
    if (page.length === 0) await comparison.end();
    onProgress?.({ checked, position, verified: judge.verified() });
    if (page.length === 0) break;
  }
  return { checked, ...judge.end() };
}

/** A tree over the events by position says nothing of reads by stream, which another part of the file leads to. */
async function tellDamage({ events, onFault }: VerifyOptions): Promise<void> {
  for (const { message, position } of await events.damage()) {
    const event = position === null ? null : await events.readAt(position);
    onFault({
      ...{ kind: 'file', position: position ?? 0n, message },
      ...{ eventId: event?.id ?? null, stream: event?.stream ?? null },
    });
  }
}

/** Leads the log past the index: what stands at the same position in both is compared. */
async function compareWith({ index, from = NOTHING_VERIFIED, onFault }: VerifyOptions, judge: Judge) {
  const { size } = await index.state();
  const signedSize = (await newestHead(index))?.size ?? 0;
  const placeAt = pagesOf(
    (ordinal) => index.get(Array.from({ length: PAGE.limit }, (_, n) => ordinal + n)),
    (place) => place.ordinal,
  );
  const headAt = pagesOf(
    (size) => index.signedHeads({ from: size, direction: 'forwards', limit: PAGE.limit }),
    (head) => head.size,
  );
  let ordinal = from.tree.size;

  async function compare(isNow: RecordedEvent | null, place: IndexedEvent): Promise<void> {
    judge.add(isNow && leafOf(entryOf(ordinal, isNow)), Buffer.from(place.leaf), {
      ...({ kind: isNow ? 'changed' : 'removed', position: place.position } as const),
      ...{ eventId: isNow?.id ?? null, stream: isNow?.stream ?? null },
      message: isNow ? 'it is not what was indexed' : `event ${ordinal} of the log is not there any more`,
    });
    ordinal += 1;
    const signed = await headAt(ordinal);
    if (signed) judge.judge(signed, place.position);
  }

  /** Everything in the index before this event, and this event. Whether a head was signed that covers it. */
  async function pass(event: RecordedEvent | null): Promise<boolean> {
    while (ordinal < size) {
      const place = await placeAt(ordinal);
      if (!place) throw new Error(`the index lacks event ${ordinal}: make it anew`);
      if (event !== null && place.position > event.position) {
        const message = 'stands between events that were indexed without it';
        onFault({ kind: 'inserted', position: event.position, eventId: event.id, stream: event.stream, message });
        return true;
      }
      const isHere = place.position === event?.position;
      await compare(isHere ? event : null, place);
      if (isHere) return ordinal <= signedSize;
    }
    return false;
  }
  return { pass, end: () => pass(null) };
}

/** What is wrong with an event by itself. */
async function faultsOf(
  options: VerifyOptions,
  event: RecordedEvent,
  isSigned: boolean,
): Promise<(readonly [kind: FaultKind, message: string])[]> {
  const faults: [FaultKind, string][] = [];
  if (!isSigned && !(await isChained(options, event)))
    faults.push(['chain', 'has not the hash of the event before it in its stream']);
  if (event.stream === HEADS_STREAM && !(await isHead(options, event)))
    faults.push(['head', 'is no head of the log up to there']);
  const hasSnapshot = ifReadable(() => event.metadata)?.snapshot !== undefined;
  const wrong = hasSnapshot ? await options.snapshotFault?.(event) : null;
  if (typeof wrong === 'string') faults.push(['snapshot', wrong]);
  return faults;
}

/** What is not signed yet is held by the chain of its stream: the index takes in whatever is there. */
async function isChained({ events }: VerifyOptions, event: RecordedEvent): Promise<boolean> {
  const from = event.revision - 1n;
  const [before] = from < 0n ? [] : await events.readStream(event.stream, { from, limit: 1 });
  return brokenLink(before ?? null, [event]) === null;
}

/** A head in the log was signed, and is the root of the log up to there: the one that was judged, where the index has it. */
async function isHead({ index, keys }: VerifyOptions, event: RecordedEvent): Promise<boolean> {
  const signed = headIn(event);
  if (signed === null || keys.isGenuine(signed) === false) return false;
  if (signed.size > (await index.state()).size) return true; // to be judged when it is indexed
  const [kept] = await index.signedHeads({ from: signed.size, direction: 'forwards', limit: 1 });
  const root = kept?.size === signed.size ? kept.root : (await rootAt(index, signed.size)).toString('hex');
  return signed.root === root;
}
