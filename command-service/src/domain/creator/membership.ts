/** Becoming a creator, and social accounts: commands that reserve a value first (domain 9.2). */
import { refuse } from '@creator-dashboards/shared/errors';
import { abandonedRefusal } from '../abandoned-commands.js';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

/** One profile per user (G33). A command that was abandoned meanwhile gets the refusal it was closed with. */
export function upgradeUser(command: CommandNamed<'Upgrade'>, state: CreatorState): Decision {
  const closed = abandonedRefusal(state.abandoned, command.commandId);
  if (closed) return closed;
  if (state.exists) return refuse('creator.upgrade.already_creator');
  const { type: _, commandId: _command, at, template, ...profile } = command;
  const templateId = template?.id ?? null;
  return [{ type: 'CreatorUpgraded', data: { ...profile, templateId, template, createdAt: at } }];
}

/** HMACs of the reserved values that this profile uses. */
export function digestsInUse({ usernameDigest, social }: CreatorState): string[] {
  const accounts = Object.values(social).map(({ accountDigest }) => accountDigest);
  return usernameDigest === null ? accounts : [usernameDigest, ...accounts];
}

export function connectSocial(command: CommandNamed<'ConnectSocial'>, state: CreatorState): Decision {
  const { commandId, platform, accountDigest, followerCount } = command;
  const closed = abandonedRefusal(state.abandoned, commandId);
  if (closed) return closed;
  if (state.social[platform]) return refuse('creator.social.already_connected');
  const { userId } = state;
  return [{ type: 'SocialAccountConnected', data: { userId, platform, accountDigest, followerCount } }];
}

export function disconnectSocial({ platform }: CommandNamed<'DisconnectSocial'>, state: CreatorState): Decision {
  const account = state.social[platform];
  if (!account) return refuse('creator.social.not_found');
  const { accountDigest } = account;
  return [{ type: 'SocialAccountDisconnected', data: { userId: state.userId, platform, accountDigest } }];
}
