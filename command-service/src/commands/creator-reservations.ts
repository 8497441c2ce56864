/** Upgrade and social connect: each reserves a value first and is decided on the creator's stream (domain 9.2). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { configValue } from '@creator-dashboards/shared/platform-config';
import { isRefusal, refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { BioTemplate, CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { bioPageIdOf, creatorIdOf, CreatorUserId } from '@creator-dashboards/shared/ids';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { creator, creatorStream, isLive, type CreatorState } from '../domain/creator/creator.js';
import type { Platform, CreatorCommand } from '../domain/creator/commands.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import type { UserState } from '../domain/user.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import { fromProvider } from './asking-providers.js';
import { abandonOnCreator } from './abandoning.js';
import { moderatePage } from './moderating.js';
import { reserving, type Wanted } from './reserving.js';
import type { CommandService } from '../runtime/service.js';
import { nameDigest, namesOf } from './names.js';
import { parseUsername } from './usernames.js';

type Upgraded = CommandOutcome<CreatorState, CreatorEvent>;

export interface UpgradeRequest {
  readonly displayName: string;
  readonly bio: string | undefined;
  readonly themeId: string | undefined;
  /** Only looked at when the account has none. */
  readonly username: string | undefined;
}

/** Makes the account a creator, once (G33). A retry of the same command returns its first result. */
export async function upgradeToCreator(
  service: CommandService,
  account: UserState & { readonly userId: string },
  request: UpgradeRequest,
  context: CommandContext,
): Promise<Upgraded> {
  const { userId } = account;
  const { commandId, at } = context;
  const ids = { creatorId: creatorIdOf(userId), userId: CreatorUserId(userId), bioPageId: bioPageIdOf(userId) };
  const stream = creatorStream(ids.creatorId);
  const { state, earlier } = await service.commands.begin(creator, stream, context);
  if (earlier) return earlier;
  if (state.exists) return refuse('creator.upgrade.already_creator');
  const config = await service.lookups.config();
  const template = templateNamed(config, request.themeId);
  if (isRefusal(template)) return template;
  const username = account.username === null ? chosenUsername(config, request.username) : null;
  if (isRefusal(username)) return username;
  const flagged = await moderatePage(service, request.displayName, request.bio);
  if (flagged) return flagged;
  const { seal } = service.sealer;
  const digest = username === null ? null : nameDigest(service, username);
  const command: CreatorCommand = {
    type: 'Upgrade',
    ...ids,
    commandId,
    displayName: await seal(kinds.displayName, userId, request.displayName),
    bio: await seal(kinds.bio, userId, request.bio ?? request.displayName),
    username: username === null ? null : await seal(kinds.name, userId, username),
    usernameDigest: digest,
    template,
    at,
  };
  const decide = () => service.commands.handle(creator, command, context);
  if (digest === null || (await namesOf(service, userId)).has(digest)) return decide();
  const name = reservationStream('name', digest);
  const wanted: Wanted[] = [{ stream: name, ownerId: userId, taken: 'creator.upgrade.username_taken' }];
  const abandon = abandonOnCreator(service, { ownerId: userId, streams: [name] });
  return reserving(service, context, { purpose: 'UPGRADE', wanted, decide, abandon });
}

function chosenUsername(config: ConfigDocument | null, username: string | undefined): string | Refusal {
  if (username === undefined) return refuse('creator.upgrade.username_required');
  return parseUsername(username, config, 'creator.upgrade.username_taken');
}

/** The template with this id; null without an id. An inactive template cannot be chosen. */
export function templateNamed(
  config: ConfigDocument | null,
  id: string | null | undefined,
): BioTemplate | null | Refusal {
  if (id === null || id === undefined) return null;
  const template = configValue(config, 'bio.templates').find((each) => each.id === id && each.active);
  return template ?? refuse('creator.bio.template_unknown');
}

export interface SocialRequest {
  readonly platform: Platform;
  readonly code: string;
  readonly redirectUri: string;
}

/** Connects an account of a platform; each belongs to one user at a time. A retry returns the first result. */
export async function connectSocialAccount(
  service: CommandService,
  userId: string,
  { platform, ...proof }: SocialRequest,
  context: CommandContext,
): Promise<Upgraded> {
  const creatorId = creatorIdOf(userId);
  const { state, earlier } = await service.commands.begin(creator, creatorStream(creatorId), context);
  if (earlier) return earlier;
  if (!isLive(state)) return refuse('error.creator.not_found');
  if (state.social[platform]) return refuse('creator.social.already_connected');
  const account = await fromProvider(service, service.providers.social.verify({ platform, ...proof })).catch(
    () => null,
  );
  if (!account) return refuse('creator.social.verification_failed');
  const digest = service.digest('socialAccount', account.accountId);
  const stream = socialAccountStream(platform, digest);
  const wanted: Wanted[] = [{ stream, ownerId: userId, taken: 'creator.social.account_linked_elsewhere' }];
  const abandon = abandonOnCreator(service, { ownerId: userId, streams: [stream] });
  const command: CreatorCommand = {
    type: 'ConnectSocial',
    creatorId,
    commandId: context.commandId,
    platform,
    accountDigest: digest,
    followerCount: account.followerCount,
  };
  const decide = () => service.commands.handle(creator, command, context);
  return reserving(service, context, { purpose: 'SOCIAL_CONNECT', wanted, decide, abandon });
}

export function socialAccountStream(platform: string, accountDigest: string): string {
  return reservationStream('socialAccount', `${platform}_${accountDigest}`);
}
