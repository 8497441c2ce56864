/** Becoming a creator, social accounts, and closing commands that reserved something first (domain 9.2). */
import { refuse } from '@creator-dashboards/shared/errors';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

/** One profile per user (G33); a command that was closed meanwhile is answered what it was closed with. */
export function upgrade(command: CommandNamed<'Upgrade'>, state: CreatorState): Decision {
  const closed = state.abandoned[command.commandId];
  if (closed) return refuse(closed);
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

/** A command whose reserved value is in use was decided, so it is not closed. */
export function abandon(command: CommandNamed<'Abandon'>, state: CreatorState): Decision {
  const { commandId, userId, code, reserved } = command;
  const decided = digestsInUse(state).some((digest) => reserved.includes(digest));
  if (decided || state.abandoned[commandId]) return [];
  return [{ type: 'CommandAbandoned', data: { commandId, userId, code } }];
}

export function connectSocial(command: CommandNamed<'ConnectSocial'>, state: CreatorState): Decision {
  const { commandId, platform, accountDigest, followerCount } = command;
  const closed = state.abandoned[commandId];
  if (closed) return refuse(closed);
  if (state.social[platform]) return refuse('creator.social.already_connected');
  const { userId } = state;
  return [{ type: 'SocialAccountConnected', data: { userId, platform, accountDigest, followerCount } }];
}
