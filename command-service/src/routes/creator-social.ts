import { callerOf } from '@creator-dashboards/shared/http/caller';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow } from '@creator-dashboards/shared/errors';
import { platform } from '@creator-dashboards/shared/events/creator';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';

import { connectSocialAccount } from '../commands/creator-reservations.js';
import { creator } from '../domain/creator/creator.js';
import type { CommandService } from '../runtime/service.js';
import type { CreatorCommand } from '../domain/creator/commands.js';

/** Social accounts: one per platform, each belonging to one user (domain 2.5). */
export function creatorSocialRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/creators/social/connect',
      summary: 'Connect an account of a social platform',
      who: 'user',
      limit: { max: 30, perMs: HOUR },
      body: z.strictObject({
        platform,
        code: z.string().min(1).max(2_048),
        redirectUri: z.url().max(2_048),
        codeVerifier: z.string().min(1).max(200).optional(),
      }),
      status: 201,
      data: writtenData.extend({ platform, followerCount: z.number() }),
      errors: [
        'error.creator.not_found',
        'creator.social.account_linked_elsewhere',
        'creator.social.already_connected',
        'creator.social.verification_failed',
        'creator.social.interrupted',
      ],
      async handle(request) {
        const { platform, code, redirectUri } = request.body;
        const context = await contextOf(service, request);
        const proof = { platform, code, redirectUri };
        const connected = orThrow(await connectSocialAccount(service, callerOf(request), proof, context));
        const account = connected.events.find((event) => event.type === 'SocialAccountConnected')?.data;
        return writeResponse(service, connected, { platform, followerCount: account?.followerCount });
      },
    }),
    route({
      method: 'POST',
      path: '/creators/social/disconnect',
      summary: 'Disconnect the account of a social platform',
      who: 'user',
      limit: { max: 30, perMs: HOUR },
      body: z.strictObject({ platform }),
      data: writtenData,
      errors: ['error.creator.not_found', 'creator.social.not_found'],
      async handle(request) {
        const context = await contextOf(service, request);
        const { platform } = request.body;
        const command: CreatorCommand = {
          type: 'DisconnectSocial',
          creatorId: creatorIdOf(callerOf(request)),
          platform,
        };
        const disconnected = orThrow(await service.commands.handle(creator, command, context));
        return writeResponse(service, disconnected);
      },
    }),
  ];
}
