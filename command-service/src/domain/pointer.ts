import { refuse } from '@creator-dashboards/shared/errors';
import type { PointerEvent } from '@creator-dashboards/shared/events/user';
import type { CreatorId } from '@creator-dashboards/shared/ids';
import type { Decider } from './decider.js';

/** A pointer stream maps a provider's id to our creator and is written once (streams, domain 5). */
export function kycSessionStream(sessionId: string): string {
  return `kycSession-${sessionId}`;
}

/** `digest` is the HMAC of the provider's account id: stream names hold no private value (domain 9.1). */
export function stripeAccountStream(digest: string): string {
  return `stripeAccount-${digest}`;
}

export interface PointerCommand {
  readonly type: 'Point';
  readonly stream: string;
  readonly creatorId: CreatorId;
  readonly userId: string;
}

export interface Pointer {
  readonly creatorId: CreatorId | null;
  readonly userId: string | null;
}

export const pointer: Decider<Pointer, PointerCommand, PointerEvent> = {
  category: 'pointer',
  snapshotVersion: 1,
  streamOf: ({ stream }) => stream,
  initial: { creatorId: null, userId: null },
  evolve: (_state, { data }) => data,
  decide({ creatorId, userId }, state) {
    if (state.creatorId === creatorId) return [];
    if (state.creatorId !== null) return refuse('common.not_found');
    return [{ type: 'PointerSet', data: { creatorId, userId } }];
  },
  keysOf: (_state, { creatorId, userId }) => ({ creatorId, userId }),
};
