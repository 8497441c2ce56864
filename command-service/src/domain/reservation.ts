import { refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { ReservationEvent, ReservationPurpose } from '@creator-dashboards/shared/events/user';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';

/** Streams whose name is the value (as an HMAC, domain 9.1), so that of two who want it exactly one gets it. */
export type ReservationCategory = 'email' | 'username' | 'referralCode' | 'socialAccount';

export type ReservationCommand =
  | {
      type: 'Reserve';
      stream: string;
      ownerId: string;
      commandId: string;
      purpose: ReservationPurpose;
      at: Instant;
      /** The refusal when somebody else has it. */
      taken: ErrorKey;
    }
  | {
      type: 'Release';
      stream: string;
      ownerId: string;
      reason: 'UNDONE' | 'RENAMED' | 'DISCONNECTED' | 'ERASED';
      /** Only where this command took it: the owner may have got the same value again since. */
      takenBy?: string;
    };

export interface Reservation {
  readonly ownerId: string | null;
  /** Last owner, for metadata after a release. */
  readonly lastOwnerId: string | null;
  readonly commandId: string | null;
}

export function reservationStream(category: ReservationCategory, digest: string): string {
  return `${category}-${digest}`;
}

/** The digest a reservation stream is named by. */
export function reservedDigest(stream: string): string {
  return stream.split(/[-_]/).at(-1) ?? '';
}

export const reservation: Decider<Reservation, ReservationCommand, ReservationEvent> = {
  category: 'reservation',
  snapshotVersion: 1,
  streamOf: (command) => command.stream,
  initial: { ownerId: null, lastOwnerId: null, commandId: null },
  evolve: (state, event) =>
    event.type === 'Reserved'
      ? { ownerId: event.data.ownerId, lastOwnerId: event.data.ownerId, commandId: event.data.commandId }
      : { ...state, ownerId: null, commandId: null },
  decide(command, state) {
    const { ownerId } = command;
    if (command.type === 'Release') {
      const { reason, takenBy = state.commandId } = command;
      const held = state.ownerId === ownerId && state.commandId === takenBy;
      return held ? [{ type: 'Released', data: { ownerId, reason } }] : [];
    }
    if (state.ownerId === ownerId && state.commandId === command.commandId) return [];
    if (state.ownerId !== null) return refuse(command.taken);
    return [
      { type: 'Reserved', data: { ownerId, commandId: command.commandId, purpose: command.purpose, at: command.at } },
    ];
  },
  keysOf: (state) => ({ userId: state.lastOwnerId ?? undefined }),
};
