/** The weak ETag of a view: which build of the view, how far the document and the config are (domain 0). */
import type { Position } from '@creator-dashboards/shared/ports';

export interface Stamp {
  readonly generation: string;
  /** Position of the document, 0n where there is none. */
  readonly position: Position;
  /** Position of the config document combined with it, 0n where there is none. */
  readonly configPosition: Position;
  /** Something of the document is parked. */
  readonly degraded: boolean;
  /** A seal does not open any more. Only where an erasure does not move the document itself. */
  readonly erased: boolean;
}

export function etagOf({ generation, position, configPosition, degraded, erased }: Stamp): string {
  return `W/"${generation}.${position}.${configPosition}${degraded ? 'd' : ''}${erased ? 'e' : ''}"`;
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
