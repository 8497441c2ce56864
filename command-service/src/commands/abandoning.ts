/** Closes a command that reserved a value, in the stream that decides it (domain 9.2): the user's, the creator's or the link's. */
import { orThrow } from '@creator-dashboards/shared/errors';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import type { AbandonCommand } from '../domain/abandoned-commands.js';
import { creator, digestsInUse as digestsOfCreator } from '../domain/creator/creator.js';
import type { Decider } from '../domain/decider.js';
import { referralLink } from '../domain/referral-link.js';
import { reservedDigest } from '../domain/reservation.js';
import { digestsInUse as digestsOfUser, user } from '../domain/user.js';
import type { UnfinishedReservation } from '../lookups/unfinished-reservations.js';
import type { CommandService } from '../runtime/service.js';
import type { Abandon } from './reserving.js';

function abandoning<S, C, E extends DomainEvent>(
  decider: Decider<S, C, E>,
  digestsInUse: (state: S) => readonly string[],
  commandOf: (close: AbandonCommand) => C,
) {
  return (service: CommandService, { ownerId, streams }: Pick<UnfinishedReservation, 'ownerId' | 'streams'>): Abandon =>
    async (context, code) => {
      const reserved = streams.map(reservedDigest);
      const close: AbandonCommand = {
        type: 'Abandon',
        userId: ownerId,
        commandId: context.causationId,
        reserved,
        code,
      };
      const { state } = orThrow(await service.commands.handle(decider, commandOf(close), context));
      const inUse = digestsInUse(state);
      return streams.filter((stream) => inUse.includes(reservedDigest(stream)));
    };
}

/** Registrations and renames. */
export const abandonOnUser = abandoning(user, digestsOfUser, (close) => close);

/** Upgrades and social connects. */
export const abandonOnCreator = abandoning(creator, digestsOfCreator, (close) => ({
  ...close,
  creatorId: creatorIdOf(close.userId),
}));

/** Creations of referral links. */
export const abandonOnLink = abandoning(
  referralLink,
  ({ codes }) => codes,
  (close) => close,
);
