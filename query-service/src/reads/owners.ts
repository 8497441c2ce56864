/** Whose a name (G44) or an e-mail address is, by its digest: the value itself stands nowhere. */
import { decode } from '@creator-dashboards/shared/events/index';
import type { ReservationEvent } from '@creator-dashboards/shared/events/user';
import type { EventStore, KeyStore } from '@creator-dashboards/shared/ports';
import {
  digestOfEmail,
  digestOfName,
  evolve,
  initial,
  reservationStream,
} from '@creator-dashboards/shared/reservations';
import { digestFrom } from '@creator-dashboards/shared/seal';

/** A decided value gets no further marks, so its newest events say whose it is, however often it was tried before. */
const NEWEST = 100;

/** UserIds; null for what nobody has. Both throw KeyMissing before anything was registered. */
export interface Owners {
  /** By a username or a referral code, a past one too. */
  ofName(name: string): Promise<string | null>;
  ofEmail(email: string): Promise<string | null>;
}

export function createOwners({
  events,
  keys,
}: {
  readonly events: Pick<EventStore, 'readStream'>;
  readonly keys: Pick<KeyStore, 'get'>;
}): Owners {
  const digest = digestFrom(keys);
  async function ownerIn(stream: string): Promise<string | null> {
    const newest = await events.readStream(stream, { direction: 'backwards', limit: NEWEST });
    const { ownerId } = newest
      .reverse()
      .map((event) => decode(event) as ReservationEvent)
      .reduce(evolve, initial);
    return ownerId;
  }
  return {
    ofName: async (name) => ownerIn(reservationStream('name', digestOfName(await digest(), name))),
    ofEmail: async (email) => ownerIn(reservationStream('email', digestOfEmail(await digest(), email))),
  };
}
