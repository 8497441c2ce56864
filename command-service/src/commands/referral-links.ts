/**
 * Creates referral links (domain 2.4). A link's code is its owner's username, which is hers already; if she has none, a free code
 * is reserved first and decided on the link's stream (reservations, domain 9.2).
 */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { isRefusal, refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
import { derivedId, referralLinkIdOf } from '@creator-dashboards/shared/ids';
import {
  referralLink,
  referralLinkStream,
  type ReferralLinkState,
  type ReferralLinkCommand,
} from '../domain/referral-link.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import type { UserState } from '../domain/user.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import { abandonOnLink } from './abandoning.js';
import { nameDigest } from './names.js';
import { reserving, undo } from './reserving.js';
import type { CommandService } from '../runtime/service.js';

type Linked = CommandOutcome<ReferralLinkState, ReferralLinkEvent>;

const SLICES = 3;
const taken = 'referral.link.code_collision' satisfies ErrorKey;

/** The codes to try without a username: 8 characters of a UUID each, the same for the same command (domain 2.4). */
export function slicesFor(commandId: string): string[] {
  return Array.from({ length: SLICES }, (_, index) => derivedId(commandId, 'code', String(index)).slice(0, 8));
}

/**
 * The user's link, created if there is none. Concurrent requests run the same command, so only one link is created; after an
 * abandoned attempt the next one is a new command.
 */
export async function getOrCreateLink(
  service: CommandService,
  account: UserState & { readonly userId: string },
  asked: CommandContext,
): Promise<Linked> {
  const { userId, username, usernameDigest } = account;
  const { state, position } = await service.commands.load(referralLink, referralLinkStream(userId));
  if (state.linkId !== null) return { events: [], state, position, replayed: true };
  const commandId = derivedId(userId, 'referralLink', String(state.abandoned.count));
  const context = { ...asked, commandId, causationId: commandId };
  if (username === null || usernameDigest === null) return withSlice(service, userId, context);
  const named = { code: username, codeDigest: usernameDigest };
  const command: ReferralLinkCommand = {
    type: 'Create',
    userId,
    linkId: referralLinkIdOf(userId),
    commandId,
    ...named,
  };
  return service.commands.handle(referralLink, command, context);
}

async function withSlice(service: CommandService, userId: string, context: CommandContext): Promise<Linked> {
  for (const code of slicesFor(context.commandId)) {
    const outcome = await withCode(service, userId, code, context);
    if (!isRefusal(outcome) || outcome.refused !== taken) return outcome;
  }
  // Abandoned, so that the next attempt is another command, with other codes.
  await undo(service, context, [], taken, abandonOnLink(service, { ownerId: userId, streams: [] }));
  return refuse(taken);
}

async function withCode(
  service: CommandService,
  userId: string,
  text: string,
  context: CommandContext,
): Promise<Linked> {
  const codeDigest = nameDigest(service, text);
  const code = await service.sealer.seal(kinds.name, userId, text);
  const { commandId } = context;
  const command: ReferralLinkCommand = {
    type: 'Create',
    userId,
    linkId: referralLinkIdOf(userId),
    commandId,
    code,
    codeDigest,
  };
  const stream = reservationStream('name', codeDigest);
  return reserving(service, context, {
    purpose: 'REFERRAL_LINK',
    wanted: [{ stream, ownerId: userId, taken }],
    decide: () => service.commands.handle(referralLink, command, context),
    abandon: abandonOnLink(service, { ownerId: userId, streams: [stream] }),
  });
}
