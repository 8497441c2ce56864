/** The weak ETag of a read (domain 0): the view's generation, and how far the document and the config are. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';

export interface Stamp {
  readonly generation: string;
  readonly document: Stamped | null;
  /** The config document combined with it, or null. */
  readonly config: Stamped | null;
  /** The document is parked. */
  readonly degraded: boolean;
  /** How many seals can no longer be opened, of those whose erasure does not move the document itself: it only grows. */
  readonly erased: number;
}

/**
 * A position alone is not unique: after an older backup of the log is restored, another event gets the same position; and a repair
 * makes a document anew at the same event.
 */
type Stamped = Pick<FoldedDocument, 'position' | 'lastEvent' | 'repairs'>;

export function etagOf({ generation, document, config, degraded, erased }: Stamp): string {
  return `W/"${generation}.${stamp(document)}.${stamp(config)}${degraded ? 'd' : ''}${'x'.repeat(erased)}"`;
}

function stamp(document: Stamped | null): string {
  const repairs = document?.repairs === undefined ? '' : `r${document.repairs}`;
  return `${document?.position ?? 0n}-${document?.lastEvent ?? '0'}${repairs}`;
}

/** What an ETag says of the documents that it was sent with. */
export interface ReadStamp {
  readonly generation: string;
  readonly document: { readonly position: Position; readonly lastEvent: string };
  readonly config: { readonly position: Position; readonly lastEvent: string };
}

const STAMPED = String.raw`(\d{1,19})-([0-9a-f]{1,8})(?:r\d+)?`;
const ETAG = new RegExp(String.raw`^(?:W/)?"?(v\d{1,9}(?:-\d{1,9})?)\.${STAMPED}\.${STAMPED}d?x*"?$`);

/** Reads an ETag of ours, with or without its quotes; null for anything else. */
export function readEtag(etag: string): ReadStamp | null {
  const [, generation = '', at = '', lastEvent = '', configAt = '', configLastEvent = ''] = ETAG.exec(etag) ?? [];
  if (generation === '') return null;
  return {
    generation,
    document: { position: BigInt(at), lastEvent },
    config: { position: BigInt(configAt), lastEvent: configLastEvent },
  };
}

const MAX_HEADER = 4_096;
const ENTITY_TAG = /(?:W\/)?("[^"]*")/g;

/** What an If-None-Match says of the documents that its sender holds. */
export function stampsIn(ifNoneMatch: string | undefined): ReadStamp[] {
  if (ifNoneMatch === undefined || ifNoneMatch.length > MAX_HEADER) return [];
  return [...ifNoneMatch.matchAll(ENTITY_TAG)].flatMap(([tag]) => readEtag(tag) ?? []);
}

/** Whether If-None-Match names this ETag: one of a list by weak comparison, or `*` (RFC 9110, 13.1.2). */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === etag) return true; // nearly always: taking a list apart costs a tenth of a read
  if (ifNoneMatch === undefined || ifNoneMatch.length > MAX_HEADER) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return [...ifNoneMatch.matchAll(ENTITY_TAG)].some(([, tag]) => tag === opaque);
}
