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
import { appliedTemplate, type AppliedTemplate } from '../domain/applied-template.js';
import { profileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { CreatorState } from '../domain/creator/creator.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import { clearable, freeRecord, sameValue } from '../http/fields.js';
import type { CommandService } from '../runtime/service.js';

const body = z.strictObject({
  bio: clearable(z.string().trim().max(5_000)),
  templateId: clearable(z.string().max(50).toLowerCase()),
  themeOverride: clearable(freeRecord),
  customCss: clearable(z.string().max(10_000)),
  embedEnabled: z.boolean().optional(),
  published: z.boolean().optional(),
  emailCollectionEnabled: z.boolean().optional(),
});

/** What this route sets, as the profile shows it. */
const shownPage = profileBody.shape.bioPage.unwrap().pick({
  ...{ templateId: true, bio: true, themeOverride: true, customCss: true },
  ...{ embedEnabled: true, published: true, emailCollectionEnabled: true },
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
      data: writtenData.extend(shownPage.shape),
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
        const config = await service.lookups.config();
        const { embedEnabled, published, emailCollectionEnabled } = switches;
        const { userId, bioPageId } = owner;
        const update = async (page: BioPage): Promise<BioPageCommand | Refusal> => {
          const template = changedTemplate(config, templateId, templateOf(owner, page));
          if (isRefusal(template)) return template;
          const content = await mergedContent(service, owner, page, { bio, themeOverride, customCss });
          const changes = { content, embedEnabled, published, emailCollectionEnabled, template };
          return { type: 'UpdatePage', userId, creatorId, bioPageId, changes };
        };
        const context = await contextOf(service, request);
        const newTexts = async (page: BioPage) => (bio === (await contentOf(service, owner, page)).bio ? [] : [bio]);
        const run = () => service.commands.handleBy(bioPage, bioPageStream(bioPageId), update, context);
        const updated = orThrow(await moderated(service, { bioPageId, newTexts }, context, run));
        return writeResponse(service, updated, await answerOf(service, owner, updated.state));
      },
    }),
  ];
}

type ContentFields = { readonly [K in keyof BioContent]: BioContent[K] | undefined };

async function answerOf(service: CommandService, owner: CreatorState, page: BioPage) {
  const { embedEnabled, published, emailCollectionEnabled } = page;
  const templateId = templateOf(owner, page)?.id ?? null;
  const content = await contentOf(service, owner, page);
  return { templateId, ...content, embedEnabled, published, emailCollectionEnabled } satisfies z.output<
    typeof shownPage
  >;
}

function templateOf(owner: CreatorState, page: BioPage): AppliedTemplate | null {
  return page.template === undefined ? owner.template : page.template;
}

/** The template to apply, null for none; undefined where it is left out, or stands on the page as it is now. */
function changedTemplate(
  config: ConfigDocument | null,
  id: string | null | undefined,
  applied: AppliedTemplate | null,
) {
  if (id === undefined) return undefined;
  const template = templateNamed(config, id);
  // One that was withdrawn stays where it is; only nobody can choose it any more.
  if (isRefusal(template)) return id === applied?.id ? undefined : template;
  return sameValue(appliedTemplate(template), applied) ? undefined : template;
}

/** The page's texts; those of the upgrade until it gets its own. */
async function contentOf(service: CommandService, owner: CreatorState, page: BioPage): Promise<BioContent> {
  const stored = await service.sealer.open(kinds.bioContent, page.content);
  return stored ?? { bio: await service.sealer.open(kinds.bio, owner.bio), themeOverride: null, customCss: null };
}

/** The page's texts, stored ones overridden by the given ones, sealed as one value; undefined if they change nothing. */
async function mergedContent(service: CommandService, owner: CreatorState, page: BioPage, fields: ContentFields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  const before = await contentOf(service, owner, page);
  const merged = { ...before, ...Object.fromEntries(given) };
  if (sameValue(merged, before)) return undefined;
  return service.sealer.seal(kinds.bioContent, owner.userId, merged);
}
