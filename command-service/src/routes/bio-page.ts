import { kinds, type BioContent } from '@creator-dashboards/shared/events/sealed';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { bioPage, type BioPage, bioPageStream, type BioPageCommand } from '../domain/bio-page.js';
import { isRefusal, orThrow, type Refusal } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { liveCreator, ownCreatorId } from '../http/creator-access.js';
import { moderated } from '../commands/moderating.js';
import { templateNamed } from '../commands/creator-reservations.js';
import { currentConfig } from '../runtime/current-config.js';
import type { CreatorState } from '../domain/creator/creator.js';
import { freeRecord, idText, sameValue } from '../http/fields.js';
import type { CommandService } from '../runtime/service.js';

const body = z.strictObject({
  bio: z.string().trim().max(5_000).nullish(),
  templateId: z.string().max(50).toLowerCase().nullish(),
  themeOverride: freeRecord.nullish(),
  customCss: z.string().max(10_000).nullish(),
  embedEnabled: z.boolean().optional(),
  published: z.boolean().optional(),
  emailCollectionEnabled: z.boolean().optional(),
});

export function bioPageRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'PATCH',
      path: '/creators/:creatorId/bio',
      summary: 'Change your bio page',
      who: 'user',
      limit: { max: 30, perMs: HOUR },
      params: z.strictObject({ creatorId: idText }),
      body,
      data: writtenData,
      errors: [
        'creator.ownership.forbidden',
        'creator.bio.not_found',
        'creator.bio.template_unknown',
        'creator.bio.content_flagged',
        'creator.bio.moderation_unavailable',
        'creator.bio.too_large',
      ],
      async handle(request) {
        const creatorId = ownCreatorId(request);
        const owner = await liveCreator(service, creatorId, 'creator.bio.not_found');
        const { templateId, bio, themeOverride, customCss, ...switches } = request.body;
        const { embedEnabled, published, emailCollectionEnabled } = switches;
        const { userId, bioPageId } = owner;
        const template = templateId === undefined ? undefined : templateNamed(await currentConfig(service), templateId);
        const update = async (page: BioPage): Promise<BioPageCommand | Refusal> => {
          if (isRefusal(template)) return template;
          const content = await mergedContent(service, owner, page, { bio, themeOverride, customCss });
          const changes = { content, embedEnabled, published, emailCollectionEnabled, template };
          return { type: 'UpdatePage', userId, creatorId, bioPageId, changes };
        };
        const context = await contextOf(service, request);
        const run = () => service.commands.handleBy(bioPage, bioPageStream(bioPageId), update, context);
        const updated = await moderated(service, { bioPageId, texts: [bio] }, context, run);
        return writeResponse(service, orThrow(updated));
      },
    }),
  ];
}

type ContentFields = { readonly [K in keyof BioContent]: BioContent[K] | undefined };

/** The page's texts, stored ones overridden by the given ones, sealed as one value; undefined if they change nothing. */
async function mergedContent(service: CommandService, owner: CreatorState, page: BioPage, fields: ContentFields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  const stored = await service.sealer.open(kinds.bioContent, page.content);
  const before = stored ?? {
    bio: await service.sealer.open(kinds.bio, owner.bio),
    themeOverride: null,
    customCss: null,
  };
  const merged = { ...before, ...Object.fromEntries(given) };
  if (sameValue(merged, before)) return undefined;
  return service.sealer.seal(kinds.bioContent, owner.userId, merged);
}
