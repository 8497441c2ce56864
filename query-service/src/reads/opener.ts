import type { Position } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { Open } from '@creator-dashboards/shared/views/open';
import { LRUCache } from 'lru-cache';

/** For how many documents the position at the last opening of seals is remembered. */
const MAX_OPENED = 10_000;

/**
 * Opens the seals of one document. A key cached before the document moved may have been destroyed since (UserErased moves it):
 * it is forgotten, so that a body with erased values never goes out under the ETag of the erased document.
 */
export function createOpener(sealer: Pick<Sealer, 'open' | 'forget'>): (name: string, position: Position) => Open {
  const opened = new LRUCache<string, Position>({ max: MAX_OPENED });
  return (name, position) => {
    const current = opened.get(name) === position ? null : new Set<string>();
    opened.set(name, position);
    return (kind, sealed) => {
      if (sealed && current && !current.has(sealed.subject)) {
        current.add(sealed.subject);
        sealer.forget(sealed.subject);
      }
      return sealer.open(kind, sealed);
    };
  };
}
