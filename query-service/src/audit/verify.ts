/**
 * Whether the log is what was signed: every event of it is hashed again, and each root is compared with the head that was signed when
 * the log had that size. The index says which event is another one.
 */
import type { IndexedEvent } from '@creator-dashboards/shared/audit-index';
import { leafOf } from '@creator-dashboards/shared/merkle';
import { rootAt } from '@creator-dashboards/shared/merkle-proofs';
import type { Damage, RecordedEvent } from '@creator-dashboards/shared/ports';
import { entryOf } from './entry.js';
import { headIn, HEADS_STREAM, newestHead } from './heads.js';
import { pagesOf } from './pages.js';
import { brokenLink, ifReadable } from './show.js';
import { createJudge, type Judge } from './verify-judge.js';
import { orWhy, PAGE, pagesOfLog, type Read } from './verify-reading.js';
import { NOTHING_VERIFIED, type Fault, type FaultKind, type Verification, type VerifyOptions } from './verification.js';

/**
 * Compares the log with the index and its heads, in flat memory. Ends early, with what it has, when aborted. In a damaged file it tells
 * what cannot be read, event by event, and goes on behind it. Throws StoreFailed where the store fails and its file is not damaged.
 */
export async function verifyLog(options: VerifyOptions): Promise<Verification> {
  const { events, from = NOTHING_VERIFIED, onProgress, signal } = options;
  const damage = await tellDamage(options);
  const isDamaged = damage.length > 0;
  const judge = createJudge(options);
  const comparison = await compareWith(options, judge);
  const { following } = comparison;
  let { position } = from;
  let checked = 0;
  for await (const page of pagesOfLog({ events, after: position, isDamaged, following })) {
    if (signal?.aborted) break;
    for (const read of page) {
      const isSigned = await comparison.pass(read);
      ({ position } = read);
      if (read.event === null) continue;
      checked += 1;
      if (isSigned && !isDamaged && isPlain(read.event)) continue;
      for (const [kind, message] of await faultsOf({ ...options, isDamaged, damage }, read.event, isSigned))
        options.onFault({ kind, message, position, eventId: read.event.id, stream: read.event.stream });
    }
    onProgress?.({ checked, position, verified: judge.verified() });
  }
  if (!signal?.aborted) await comparison.end();
  onProgress?.({ checked, position, verified: judge.verified() });
  return { checked, ...judge.end() };
}

/** A tree over the events by position says nothing of reads by stream, which another part of the file leads to. */
async function tellDamage({ events, onFault }: VerifyOptions): Promise<readonly Damage[]> {
  const damage = await events.damage();
  for (const { message, position } of damage) {
    const event = position === null ? null : await orWhy({ isDamaged: true }, () => events.readAt(position));
    const { id: eventId, stream } = typeof event === 'object' && event ? event : { id: null, stream: null };
    onFault({ kind: 'file', position: position ?? 0n, message, eventId, stream });
  }
  return damage;
}

/** Leads the log past the index: what stands at the same position in both is compared. */
async function compareWith({ index, from = NOTHING_VERIFIED, onFault }: VerifyOptions, judge: Judge) {
  const { size } = await index.state();
  const signedSize = (await newestHead(index))?.size ?? 0;
  let ordinal = from.tree.size;
  const next = () => index.get(Array.from({ length: PAGE.limit }, (_, n) => ordinal + n));
  const placeAt = pagesOf(next, (place) => place.ordinal);
  const headAt = pagesOf(
    (size) => index.signedHeads({ from: size, direction: 'forwards', limit: PAGE.limit }),
    (head) => head.size,
  );
  async function compare(read: Read | null, place: IndexedEvent): Promise<void> {
    const isNow = read?.event ?? null;
    const at = ordinal;
    judge.add(isNow && leafOf(entryOf(at, isNow)), place.leaf, () => ({
      ...{ position: place.position, eventId: isNow?.id ?? null, stream: isNow?.stream ?? null },
      ...suspicionOf(read, at),
    }));
    ordinal += 1;
    const signed = headAt(ordinal);
    const head = signed instanceof Promise ? await signed : signed;
    if (head) judge.judge(head, place.position);
  }

  /** Everything in the index before this, and this. Whether a head was signed that covers it. */
  async function pass(read: Read | null): Promise<boolean> {
    while (ordinal < size) {
      const known = placeAt(ordinal);
      const place = known instanceof Promise ? await known : known;
      if (!place) throw new Error(`the index lacks event ${ordinal}: make it anew`);
      if (read !== null && place.position > read.position) {
        tell(read, 'inserted', 'stands between events that were indexed without it');
        return true;
      }
      const isHere = place.position === read?.position;
      await compare(isHere ? read : null, place);
      if (isHere) return ordinal <= signedSize;
    }
    if (read?.why) tell(read, 'unreadable', read.why);
    return false;
  }

  function tell({ position, event }: Read, kind: FaultKind, message: string): void {
    onFault({ kind, message, position, eventId: event?.id ?? null, stream: event?.stream ?? null });
  }

  return {
    pass,
    end: () => pass(null),
    following: async () => (await next()).map(({ position }) => position),
  };
}

/** What is wrong with an indexed event, if anything is. */
function suspicionOf(read: Read | null, ordinal: number): Pick<Fault, 'kind' | 'message'> {
  if (read?.event) return { kind: 'changed', message: 'it is not what was indexed' };
  if (read?.why) return { kind: 'unreadable', message: `event ${ordinal} of the log: ${read.why}` };
  return { kind: 'removed', message: `event ${ordinal} of the log is not there any more` };
}

/** Nothing else can be wrong with it than that it is not what was signed. */
function isPlain(event: RecordedEvent): boolean {
  return event.stream !== HEADS_STREAM && ifReadable(() => event.metadata)?.snapshot === undefined;
}

type FaultOptions = VerifyOptions & { readonly isDamaged: boolean; readonly damage: readonly Damage[] };

/** What is wrong with an event by itself. */
async function faultsOf(
  options: FaultOptions,
  event: RecordedEvent,
  isSigned: boolean,
): Promise<(readonly [kind: FaultKind, message: string])[]> {
  const faults: [FaultKind, string][] = [];
  const otherwise = options.isDamaged ? await readOtherwise(options, event) : null;
  if (otherwise !== null) faults.push(['file', otherwise]);
  if (!isSigned && !(await isChained(options, event)))
    faults.push(['chain', 'has not the hash of the event before it in its stream']);
  if (event.stream === HEADS_STREAM && !(await isHead(options, event)))
    faults.push(['head', 'is no head of the log up to there']);
  const hasSnapshot = ifReadable(() => event.metadata)?.snapshot !== undefined;
  const wrong = hasSnapshot ? await orWhy(options, async () => options.snapshotFault?.(event)) : null;
  if (typeof wrong === 'string') faults.push(['snapshot', wrong]);
  return faults;
}

/**
 * In a damaged file, what leads to an event by its position, from the position before it, or in its stream, with what is before and after it
 * there, may not lead to what is read in the order of the log; null where it does. Only the log of one file comes here, whose positions are dense.
 */
async function readOtherwise({ events, damage }: FaultOptions, event: RecordedEvent): Promise<string | null> {
  const { stream, revision, position } = event;
  const around = damage.find(
    (one) => one.position !== null && one.position <= position && position <= (one.upTo ?? -1n),
  );
  if (around) return around.message;
  const two = { from: revision, limit: 2 };
  const reads = await orWhy({ isDamaged: true }, async () => ({
    at: await events.readAt(position),
    behind: await events.readAll({ after: position - 1n, limit: 1 }),
    forwards: await events.readStream(stream, two),
    backwards: await events.readStream(stream, { ...two, direction: 'backwards' }),
  }));
  if (typeof reads === 'string') return `another read of it fails: ${reads}`;
  const { at, behind, forwards, backwards } = reads;
  const isIt = (other?: RecordedEvent | null) =>
    other?.position === position && entryOf(0, other) === entryOf(0, event);
  if (!isIt(at) || !isIt(behind[0])) return 'by its position something else is read';
  const [before, after] = [backwards[1]?.revision ?? -1n, forwards[1]?.revision ?? revision + 1n];
  const isInPlace = isIt(forwards[0]) && isIt(backwards[0]) && before === revision - 1n && after === revision + 1n;
  return isInPlace ? null : 'in its stream something else is read';
}

/** What is not signed yet is held by the chain of its stream: the index takes in whatever is there. */
async function isChained({ events, isDamaged }: FaultOptions, event: RecordedEvent): Promise<boolean> {
  const from = event.revision - 1n;
  const before = from < 0n ? [] : await orWhy({ isDamaged }, () => events.readStream(event.stream, { from, limit: 1 }));
  return typeof before !== 'string' && brokenLink(before[0] ?? null, [event]) === null;
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
