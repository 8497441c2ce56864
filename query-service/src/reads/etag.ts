/** The weak ETag of a view: which build of the view, how far the document and the config are (domain 0). */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';

export interface Stamp {
  readonly generation: string;
  readonly document: Stamped | null;
  /** The config document combined with it; null where there is none. */
  readonly config: Stamped | null;
  /** Something of the document is parked. */
  readonly degraded: boolean;
  /** A seal does not open any more. Only where an erasure does not move the document itself. */
  readonly erased: boolean;
}

/** A position alone is no stamp: after an older backup of the log was restored, another event comes to stand there. */
type Stamped = Pick<FoldedDocument, 'position' | 'lastEvent'>;

export function etagOf({ generation, document, config, degraded, erased }: Stamp): string {
  return `W/"${generation}.${stamp(document)}.${stamp(config)}${degraded ? 'd' : ''}${erased ? 'x' : ''}"`;
}

function stamp(document: Stamped | null): string {
  return `${document?.position ?? 0n}-${document?.lastEvent ?? '0'}`;
}

const MAX_HEADER = 4_096;
const ENTITY_TAG = /(?:W\/)?("[^"]*")/g;

/** Whether If-None-Match names this ETag: one of a list by weak comparison, or `*` (RFC 9110, 13.1.2). */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > MAX_HEADER) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return [...ifNoneMatch.matchAll(ENTITY_TAG)].some(([, tag]) => tag === opaque);
}
