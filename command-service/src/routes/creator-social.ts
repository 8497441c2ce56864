import { platform } from '@creator-dashboards/shared/events/creator';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { settled } from '../http/creator-access.js';
import { connectSocialAccount } from '../commands/creator-reservations.js';
import { creator } from '../domain/creator/creator.js';
import { accepted, contextOf, written, writtenData } from '../http/request.js';
import type { CommandService } from '../runtime/service.js';

/** Social accounts: one of each platform, each belonging to one user (domain 2.5). */
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
        const connected = accepted(await connectSocialAccount(service, callerOf(request), proof, context));
        const account = connected.events.find((event) => event.type === 'SocialAccountConnected')?.data;
        return written(await settled(service, connected), { platform, followerCount: account?.followerCount }, 201);
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
        const command = { type: 'DisconnectSocial' as const, creatorId: creatorIdOf(callerOf(request)), platform };
        const disconnected = accepted(await service.commands.handle(creator, command, context));
        return written(await settled(service, disconnected));
      },
    }),
  ];
}
