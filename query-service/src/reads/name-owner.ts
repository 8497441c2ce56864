/** Whose a name is (G44), for pages that are asked for by name. */
import { decode } from '@creator-dashboards/shared/events/index';
import type { ReservationEvent } from '@creator-dashboards/shared/events/user';
import type { EventStore, KeyStore } from '@creator-dashboards/shared/ports';
import { digestOfName, evolve, initial, reservationStream } from '@creator-dashboards/shared/reservations';
import { DIGESTS, digestWith, type Digest } from '@creator-dashboards/shared/seal';
import { KeyMissing } from '@creator-dashboards/shared/store-errors';

/** A decided name gets no further marks, so its newest events say whose it is, however often it was tried before. */
const NEWEST = 100;

/** The userId that a name leads to, a past name too; null for a name that nobody has. Throws KeyMissing before anything was registered. */
export type NameOwner = (name: string) => Promise<string | null>;

export function createNameOwner({
  events,
  keys,
}: {
  readonly events: Pick<EventStore, 'readStream'>;
  readonly keys: Pick<KeyStore, 'get'>;
}): NameOwner {
  let digest: Digest | undefined;
  async function known(): Promise<Digest> {
    const key = await keys.get(DIGESTS);
    if (typeof key === 'string') throw new KeyMissing('the key of the digests is not there yet');
    return (digest = digestWith(key));
  }
  return async (name) => {
    const stream = reservationStream('name', digestOfName(digest ?? (await known()), name));
    const newest = await events.readStream(stream, { direction: 'backwards', limit: NEWEST });
    const { ownerId } = newest
      .reverse()
      .map((event) => decode(event) as ReservationEvent)
      .reduce(evolve, initial);
    return ownerId;
  };
}
