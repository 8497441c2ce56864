/** Making a referral link and giving it another code (domain 2.4, 9.2): a free code is reserved, then decided on the link's stream. */
import { isRefusal, refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
import { derivedId, referralLinkIdOf } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import {
  digestsInUse,
  referralLink,
  referralLinkStream,
  type ReferralLinkCommand,
  type ReferralLinkState,
} from '../domain/referral-link.js';
import { reservationStream } from '../domain/reservation.js';
import type { UserState } from '../domain/user.js';
import type { Outcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import { codeDigest, userByUsername } from './referral-codes.js';
import { abandonOnLink } from './abandoning.js';
import { reserving, undo } from './reserving.js';
import type { CommandService } from '../runtime/service.js';

type Linked = Outcome<ReferralLinkState, ReferralLinkEvent>;

const SLICES = 3;
const taken = 'referral.link.code_collision' satisfies ErrorKey;

/** The codes tried after the username: 8 characters of a UUID each, the same for the same command (domain 2.4). */
export function slicesFor(commandId: string): string[] {
  return Array.from({ length: SLICES }, (_, index) => derivedId(commandId, 'code', String(index)).slice(0, 8));
}

/**
 * The user's link, made when there is none. Whoever asks for it at the same time runs the same command, so one link comes of it;
 * after a closed attempt it is another command.
 */
export async function getOrCreateLink(
  service: CommandService,
  account: UserState & { readonly userId: string },
  asked: CommandContext,
): Promise<Linked> {
  const { userId } = account;
  const { state, position } = await service.commands.load(referralLink, referralLinkStream(userId));
  if (state.linkId !== null) return { events: [], state, position, replayed: true };
  const commandId = derivedId(userId, 'referralLink', String(state.abandoned.count));
  const context = { ...asked, commandId, causationId: commandId };
  const linkId = referralLinkIdOf(userId);
  const make = (code: Code) => ({ type: 'Create' as const, userId, linkId, commandId, ...code });
  const username = await service.sealer.open(account.username);
  const made = await withFreeCode(service, { userId, username, context, state, command: make });
  // Closed, so that the next try is another command, with other codes.
  if (isRefusal(made) && made.refused === taken)
    await undo(service, context, [], taken, abandonOnLink(service, { ownerId: userId, streams: [] }));
  return made;
}

/** Gives the link this username as its code (or a slice where that is taken); the old code stays as an alias. */
export async function repointLink(
  service: CommandService,
  userId: string,
  username: string,
  context: CommandContext,
): Promise<Linked> {
  const stream = referralLinkStream(userId);
  const { state, earlier } = await service.commands.begin(referralLink, stream, context);
  if (earlier) return earlier;
  if (state.linkId === null) return refuse('referral.link.not_found');
  const { commandId } = context;
  const repoint = (code: Code) => ({ type: 'Repoint' as const, userId, commandId, ...code });
  return withFreeCode(service, { userId, username, context, state, command: repoint });
}

interface Code {
  readonly code: Sealed<string>;
  readonly codeDigest: string;
}

interface CodeRequest {
  readonly userId: string;
  readonly username: string | null;
  readonly context: CommandContext;
  readonly state: ReferralLinkState;
  readonly command: (code: Code) => ReferralLinkCommand;
}

async function withFreeCode(service: CommandService, request: CodeRequest): Promise<Linked> {
  const { userId, username, context } = request;
  for (const code of [...(username === null ? [] : [username]), ...slicesFor(context.commandId)]) {
    const namesake = await userByUsername(service, code);
    if (namesake !== null && namesake !== userId) continue;
    const outcome = await withCode(service, request, code);
    if (!isRefusal(outcome) || outcome.refused !== taken) return outcome;
  }
  return refuse(taken);
}

async function withCode(service: CommandService, request: CodeRequest, code: string): Promise<Linked> {
  const { userId, context, state } = request;
  const digest = codeDigest(service, code);
  const command = request.command({ code: await service.sealer.seal(userId, code), codeDigest: digest });
  const decide = () => service.commands.handle(referralLink, command, context);
  if (digestsInUse(state).includes(digest)) return decide(); // reserved since it was first used
  const stream = reservationStream('referralCode', digest);
  const abandon = abandonOnLink(service, { ownerId: userId, streams: [stream] });
  return reserving(service, context, {
    purpose: 'REFERRAL_LINK',
    wanted: [{ stream, ownerId: userId, taken }],
    decide,
    abandon,
  });
}
