/** What the streams of reservations say: who holds a value. What may be reserved is decided by the command service. */
import type { Digest } from './seal.js';
import type { ReservationEvent } from './events/user.js';

/**
 * Streams named by the reserved value (as an HMAC, domain 9.1), so that of two who want it exactly one gets it. Usernames and
 * referral codes are names of one namespace (G44). An e-mail address or a social account is held by one command at a time. On a
 * name, each command of its owner that needs it leaves a mark; the name is free once the last mark is taken back.
 */
export type ReservationCategory = 'email' | 'name' | 'socialAccount';

export interface Reservation {
  readonly ownerId: string | null;
  /** The last owner: routing key of the stream's events, also after a release. */
  readonly lastOwnerId: string | null;
  /** The commands that hold it, oldest first. */
  readonly marks: readonly string[];
  readonly retired: boolean;
}

export function reservationStream(category: ReservationCategory, digest: string): string {
  return `${category}-${digest}`;
}

export const initial: Reservation = { ownerId: null, lastOwnerId: null, marks: [], retired: false };

export function evolve(state: Reservation, { type, data }: ReservationEvent): Reservation {
  switch (type) {
    case 'Reserved': {
      const { ownerId, commandId } = data;
      return { ...state, ownerId, lastOwnerId: ownerId, marks: [...state.marks, commandId] };
    }
    case 'Released': {
      const marks = state.marks.filter((mark) => mark !== data.commandId);
      return { ...state, marks, ownerId: marks.length > 0 ? state.ownerId : null };
    }
    case 'Retired':
      return { ...state, ownerId: null, retired: true };
  }
}

/** Upper case and surrounding spaces make no difference to a name or an e-mail address. */
export const normalized = (name: string) => name.trim().toLowerCase();

/** The digest that stands for an e-mail address. */
export const digestOfEmail = (digest: Digest, email: string) => digest('email', normalized(email));

/** The digest that stands for a name. */
export const digestOfName = (digest: Digest, name: string) => digest('name', normalized(name));
