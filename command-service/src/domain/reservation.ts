import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import { categoryOf } from '@creator-dashboards/shared/events/index';
import type { ReservationEvent, ReservationPurpose } from '@creator-dashboards/shared/events/user';
import { evolve, initial, type Reservation } from '@creator-dashboards/shared/reservations';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';

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
      reason: 'UNDONE' | 'DISCONNECTED' | 'ERASED';
      /** Take back the mark of this command only: the owner may hold the value by another one. */
      takenBy?: string;
      /** The value is in use: its last mark stays. */
      keepsLast?: boolean;
    }
  /** Retired: nobody gets the name again, and it resolves to nobody (G44). */
  | { type: 'Retire'; stream: string; ownerId: string };

/** The digest a reservation stream is named by. */
export function reservedDigest(stream: string): string {
  return stream.split(/[-_]/).at(-1) ?? '';
}

type Decision = readonly ReservationEvent[] | Refusal;
type CommandNamed<T extends ReservationCommand['type']> = Extract<ReservationCommand, { type: T }>;

function decide(command: ReservationCommand, state: Reservation): Decision {
  switch (command.type) {
    case 'Reserve':
      return reserve(command, state);
    case 'Release':
      return release(command, state);
    case 'Retire':
      return state.ownerId === command.ownerId ? [{ type: 'Retired', data: { ownerId: command.ownerId } }] : [];
  }
}

/** A repeat of the same command changes nothing. Another command of the same owner adds its mark, but only to a name. */
function reserve(command: CommandNamed<'Reserve'>, { ownerId: owner, marks, retired }: Reservation): Decision {
  const { stream, ownerId, commandId, purpose, at, taken } = command;
  if (owner === ownerId && marks.includes(commandId)) return [];
  const isHers = owner === ownerId && categoryOf(stream) === 'name';
  if (retired || (owner !== null && !isHers)) return refuse(taken);
  return [{ type: 'Reserved', data: { ownerId, commandId, purpose, at } }];
}

/** A mark on a retired name is taken back too, so that its command counts as undone; the name stays retired. */
function release(command: CommandNamed<'Release'>, { lastOwnerId, marks }: Reservation): Decision {
  const { ownerId, reason, takenBy: commandId = marks.at(-1), keepsLast = false } = command;
  const isHeld = lastOwnerId === ownerId && commandId !== undefined && marks.includes(commandId);
  if (!isHeld || (keepsLast && marks.length === 1)) return [];
  return [{ type: 'Released', data: { ownerId, commandId, reason } }];
}

export const reservation: Decider<Reservation, ReservationCommand, ReservationEvent> = {
  category: 'reservation',
  snapshotVersion: 2,
  streamOf: (command) => command.stream,
  initial,
  evolve,
  decide,
  keysOf: (state) => ({ userId: state.lastOwnerId ?? undefined }),
};
