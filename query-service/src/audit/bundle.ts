/**
 * A part of the log as a file that proves itself: each event with the path from it to one signed head, and the heads before that one. Who
 * has the public key needs nothing of ours but `bin/verify-bundle.mjs` to check it. The format: docs/domain.md, "A bundle".
 */
import type { AuditIndex, IndexedEvent, SignedHead } from '@creator-dashboards/shared/audit-index';
import { leafOf, type Hash } from '@creator-dashboards/shared/merkle';
import { consistencyProof, inclusionProof } from '@creator-dashboards/shared/merkle-proofs';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { entryOf } from './entry.js';
import { position, time } from './events.js';
import { demandRoot, LogChanged } from './heads.js';
import { pagesOf } from './pages.js';
import { firstOrdinal } from './search.js';

/** Ordinals from the first to before the second. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

const edge = z.union([position, time], 'a position, or an ISO 8601 time with an offset or Z');

/** The first and the last event, by position or by time; both are in it. By default everything that is indexed. */
export const partQuery = z.strictObject({ from: edge.optional(), to: edge.optional() });

/** Null where there is no event in it. The time of an event is the latest of the log up to it. */
export async function partOf(
  index: Pick<AuditIndex, 'get' | 'state'>,
  { from, to }: z.output<typeof partQuery>,
): Promise<Part | null> {
  const { size } = await index.state();
  const placeOf = (event: IndexedEvent, edge: Position | number) =>
    typeof edge === 'bigint' ? event.position : event.time;
  const first = from === undefined ? 0 : await firstOrdinal(index, size, (event) => placeOf(event, from) >= from);
  const end = to === undefined ? size : await firstOrdinal(index, size, (event) => placeOf(event, to) > to);
  return first < end ? { from: first, to: end } : null;
}

const FORMAT = { bundle: 'creator-dashboards part of the log', version: 1 };
const PAGE = { limit: 200, maxBytes: 1024 * 1024 };
const HEADS_PAGE = 1_000;
/** A few hundred bytes each: two blocks of leaves with all hashes over them, and those over blocks that are needed again. */
const KNOWN_MAX = 8_192;

export interface Bundled {
  readonly events: Pick<EventStore, 'readAll'>;
  readonly index: AuditIndex;
  /** Over at least this part. */
  readonly head: SignedHead;
  readonly part: Part;
}

/** The lines of a bundle, many at a time, in flat memory. Throws LogChanged where the log is not what was indexed and signed: that is no bundle. */
export async function* bundleOf({ events, index, head, part }: Bundled): AsyncGenerator<string, void> {
  const { from, to } = part;
  const known = new LRUCache<string, Hash>({ max: KNOWN_MAX });
  const headAt = pagesOf(
    (size) => index.signedHeads({ from: size, direction: 'forwards', limit: HEADS_PAGE }),
    (one) => one.size,
  );
  let heads = 0;

  async function eventLine(ordinal: number, entry: string): Promise<string> {
    const proof = await inclusionProof(index, ordinal, head.size, known);
    return `{"proof":${JSON.stringify(proof.map(toHex))},"event":${entry}}\n`;
  }

  async function headLine(size: number): Promise<string> {
    const signed = size < head.size ? await headAt(size) : null;
    if (!signed) return '';
    await demandRoot(index, signed, known);
    heads += 1;
    const proof = await consistencyProof(index, size, head.size, known);
    return line({ proof: proof.map(toHex), head: signedHead(signed) });
  }

  await demandRoot(index, head, known);
  yield line({ ...FORMAT, from, to, head: signedHead(head) });
  for await (const entries of entriesOf({ events, index }, part)) {
    const lines: string[] = [];
    for (const [ordinal, entry] of entries) lines.push(await eventLine(ordinal, entry), await headLine(ordinal + 1));
    yield lines.join('');
  }
  yield line({ events: to - from, heads });
}

/** Each event as the tree has it, in pages. Throws LogChanged where that is not what was indexed. */
async function* entriesOf(
  { events, index }: Pick<Bundled, 'events' | 'index'>,
  { from, to }: Part,
): AsyncGenerator<[ordinal: number, entry: string][], void> {
  const [before] = from === 0 ? [] : await index.get([from - 1]);
  let after = before?.position ?? 0n;
  for (let next = from; next < to;) {
    const page = (await events.readAll({ after, ...PAGE })).slice(0, to - next);
    const places = await index.get(page.map((_, n) => next + n));
    if (page.length === 0) throw new LogChanged(`event ${next} of the log is not there any more`);
    yield page.map((event, n) => [next + n, entryAt(next + n, event, places[n])]);
    next += page.length;
    after = page.at(-1)?.position ?? after;
  }
}

function entryAt(ordinal: number, event: RecordedEvent, place: IndexedEvent | undefined): string {
  const entry = entryOf(ordinal, event);
  if (place?.position === event.position && leafOf(entry).equals(place.leaf)) return entry;
  throw new LogChanged(`event ${event.id} at position ${event.position} is not what was indexed as number ${ordinal}`);
}

/** With the fields in the order of the format. */
function signedHead({ size, root, signedAt, keyId, signature }: SignedHead): SignedHead {
  return { size, root, signedAt, keyId, signature };
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const toHex = (hash: Hash): string => hash.toString('hex');
