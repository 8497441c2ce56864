import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { ReservationEvent, ReservationPurpose } from '@creator-dashboards/shared/events/user';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';

/** Streams named by the reserved value (as an HMAC, domain 9.1), so that of two who want it exactly one gets it. */
export type ReservationCategory = 'email' | 'username' | 'referralCode' | 'socialAccount';

export type ReservationCommand =
  | {
      type: 'Reserve';
      stream: string;
      ownerId: string;
      commandId: string;
      purpose: ReservationPurpose;
      at: Instant;
      /** The refusal when the value is taken. */
      taken: ErrorKey;
    }
  | {
      type: 'Release';
      stream: string;
      ownerId: string;
      reason: 'UNDONE' | 'RENAMED' | 'DISCONNECTED' | 'ERASED';
      /** Release only what this command reserved: the owner may have reserved the same value again since. */
      takenBy?: string;
    };

export interface Reservation {
  readonly ownerId: string | null;
  /** The last owner: routing key of the stream's events, also after a release. */
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

const initial: Reservation = { ownerId: null, lastOwnerId: null, commandId: null };

function evolve(state: Reservation, { type, data }: ReservationEvent): Reservation {
  if (type === 'Released') return { ...state, ownerId: null, commandId: null };
  return { ownerId: data.ownerId, lastOwnerId: data.ownerId, commandId: data.commandId };
}

type Decision = readonly ReservationEvent[] | Refusal;
type CommandNamed<T extends ReservationCommand['type']> = Extract<ReservationCommand, { type: T }>;

function decide(command: ReservationCommand, state: Reservation): Decision {
  return command.type === 'Reserve' ? reserve(command, state) : release(command, state);
}

/** A repeat of the same command changes nothing; to any other command the value is taken, even for the same owner. */
function reserve({ ownerId, commandId, purpose, at, taken }: CommandNamed<'Reserve'>, state: Reservation): Decision {
  if (state.ownerId === ownerId && state.commandId === commandId) return [];
  if (state.ownerId !== null) return refuse(taken);
  return [{ type: 'Reserved', data: { ownerId, commandId, purpose, at } }];
}

function release(command: CommandNamed<'Release'>, state: Reservation): Decision {
  const { ownerId, reason, takenBy = state.commandId } = command;
  const held = state.ownerId === ownerId && state.commandId === takenBy;
  return held ? [{ type: 'Released', data: { ownerId, reason } }] : [];
}

export const reservation: Decider<Reservation, ReservationCommand, ReservationEvent> = {
  category: 'reservation',
  snapshotVersion: 1,
  streamOf: (command) => command.stream,
  initial,
  evolve,
  decide,
  keysOf: (state) => ({ userId: state.lastOwnerId ?? undefined }),
};
