import { kinds } from '@creator-dashboards/shared/events/sealed';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { usernameText } from '../http/fields.js';
import { requireActiveUser } from '../http/accounts.js';
import { user, userStream } from '../domain/user.js';
import { upgradeToCreator } from '../commands/creator-reservations.js';
import type { CommandService } from '../runtime/service.js';

const body = z.strictObject({
  displayName: z.string().trim().min(1).max(100),
  bio: z.string().trim().max(500).optional(),
  themeId: z.string().max(50).toLowerCase().optional(),
  username: usernameText.optional(),
});

export function creatorUpgradeRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/creators/upgrade',
      summary: 'Become a creator',
      who: 'user',
      killSwitch: 'CREATOR_UPGRADE',
      limit: { max: 30, perMs: HOUR },
      body,
      status: 201,
      data: writtenData.extend({ creatorId: z.guid(), bioPageUrl: z.url().nullable() }),
      errors: [
        'auth.account.unknown',
        'creator.upgrade.already_creator',
        'creator.upgrade.username_required',
        'creator.upgrade.username_taken',
        'creator.upgrade.interrupted',
        'creator.bio.template_unknown',
        'creator.bio.content_flagged',
        'creator.bio.moderation_unavailable',
        'error.user.username_length',
        'error.user.username_format',
      ],
      async handle(request) {
        const account = await requireActiveUser(service, request);
        const { displayName, bio, themeId, username } = request.body;
        const context = await contextOf(service, request);
        const profile = { displayName, bio, themeId, username };
        const upgraded = orThrow(await upgradeToCreator(service, account, profile, context));
        const { creatorId } = upgraded.state;
        // Only the follow-up decides whether the chosen name became hers (G44), so the address uses the name in force after it.
        const { data } = await writeResponse(service, upgraded, { creatorId });
        const { state } = await service.commands.load(user, userStream(account.userId));
        const name = await service.sealer.open(kinds.name, state.username);
        const bioPageUrl = name === null ? null : `${service.publicUrl}/${name}`;
        return { data: { ...data, bioPageUrl } };
      },
    }),
  ];
}
