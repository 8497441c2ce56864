import type { Recorded } from '@creator-dashboards/shared/events/index';

/** The creator whose wallet or book an event is of. Throws where its metadata does not name her. */
export function creatorOf({ type, metadata }: Recorded): { readonly userId: string; readonly creatorId: string } {
  const { userId, creatorId } = metadata.keys;
  if (!userId || !creatorId) throw new Error(`${type} does not say whose it is`);
  return { userId, creatorId };
}
