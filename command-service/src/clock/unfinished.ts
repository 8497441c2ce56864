import type { ErrorKey } from '@creator-dashboards/shared/errors';
import type { ReservationPurpose } from '@creator-dashboards/shared/events/user';
import { clockTask, UNFINISHED_AFTER_MS } from '../runtime/clock-task.js';
import { abandonOnCreator, abandonOnLink, abandonOnUser } from '../commands/abandoning.js';
import { unfinishedReservations, type UnfinishedReservation } from '../lookups/unfinished-reservations.js';
import { clockContext } from '../runtime/policy.js';
import { undo, type Abandon } from '../commands/reserving.js';
import type { CommandService } from '../runtime/service.js';

interface Kind {
  /** The refusal of a run that resumes too late. */
  readonly code: ErrorKey;
  /** Closes the command in the stream that decides it. */
  readonly abandon: (service: CommandService, work: UnfinishedReservation) => Abandon;
}

const kinds: Readonly<Record<ReservationPurpose, Kind>> = {
  REGISTRATION: { code: 'auth.register.interrupted', abandon: abandonOnUser },
  RENAME: { code: 'error.user.username_interrupted', abandon: abandonOnUser },
  UPGRADE: { code: 'creator.upgrade.interrupted', abandon: abandonOnCreator },
  SOCIAL_CONNECT: { code: 'creator.social.interrupted', abandon: abandonOnCreator },
  REFERRAL_LINK: { code: 'referral.link.interrupted', abandon: abandonOnLink },
};

/** Closes and undoes commands that reserved something and stopped half-way (domain 9.2). */
export const undoUnfinished = clockTask({
  name: 'undo-unfinished',
  lookup: unfinishedReservations,
  where: { open: true },
  at: 'since',
  afterMs: UNFINISHED_AFTER_MS,
  async act(service, work) {
    const { _id: commandId, purpose, ownerId, streams } = work;
    if (purpose === null) return;
    const { code, abandon } = kinds[purpose];
    const context = { ...clockContext(service, commandId, 'undo'), commandId };
    const taken = streams.map((stream) => ({ stream, ownerId }));
    await undo(service, context, taken, code, abandon(service, work));
  },
});
