/** Links of a bio page (domain 2.5). A link's texts are sealed as one value for its owner. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { idText } from '@creator-dashboards/shared/http/fields';
import { clearable, freeRecord, iconText, instantText, MAX_ADDRESS, sameValue, webAddressOf } from '../http/fields.js';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import { configValue, MAX_LINKS } from '@creator-dashboards/shared/platform-config';
import { bioLinkIdOf } from '@creator-dashboards/shared/ids';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { liveCreator, ownCreatorId } from '../http/creator-access.js';
import { linkIdsInOrder, linkResponse, onOwnLink, pageOf, shownLink } from '../http/own-link.js';
import { moderated } from '../commands/moderating.js';
import { bioPage, bioPageStream, type BioPage, type BioPageCommand } from '../domain/bio-page.js';
import type { CommandService } from '../runtime/service.js';

const pageParams = z.strictObject({ creatorId: idText });
export const linkParams = z.strictObject({ linkId: idText });
const fields = {
  title: z.string().trim().min(1).max(100),
  // Any text parses, so that a wrong address gets the error that domain 2.5 names.
  url: z.string().trim().max(MAX_ADDRESS).describe('an http or https address without user name'),
  icon: clearable(iconText),
  sortOrder: z.number().int().min(0).max(1_000_000).optional(),
  active: z.boolean().optional(),
  isSocial: z.boolean().optional(),
  platform: clearable(z.string().trim().max(50)),
  embedType: clearable(z.string().trim().max(50)),
  embedMeta: clearable(freeRecord),
  scheduledStart: clearable(instantText),
  scheduledEnd: clearable(instantText.describe(`after scheduledStart; ${instantText.description}`)),
};
const newLink = z.strictObject(fields);
const changedLink = newLink.extend({ title: fields.title.optional(), url: fields.url.optional() });

const ofTexts = [
  'creator.bio.too_large',
  'creator.bio.content_flagged',
  'creator.bio.moderation_unavailable',
] as const satisfies readonly ErrorKey[];

const writtenLink = writtenData.extend(shownLink.shape);
const writtenOrder = writtenData.extend({ linkIds: z.array(z.guid()) });

const LIMIT = { max: 30, perMs: HOUR } as const;

export function bioLinkRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/creators/:creatorId/links',
      summary: 'Add a link to your bio page',
      who: 'user',
      limit: LIMIT,
      params: pageParams,
      body: newLink,
      status: 201,
      data: writtenLink,
      errors: [
        'creator.ownership.forbidden',
        'creator.bio.not_found',
        'creator.links.invalid_url',
        'creator.links.social_dm_active',
        'creator.links.limit_reached',
        ...ofTexts,
      ],
      async handle(request) {
        const creatorId = ownCreatorId(request);
        const { userId, bioPageId, dmActive } = await liveCreator(service, creatorId, 'creator.bio.not_found');
        const { link: given, content } = parted(request.body);
        const { title, url, icon = null, platform = null, embedType = null, embedMeta = null } = content;
        if (title === undefined || url === undefined) throw new Refused('common.validation_failed');
        const { active = true, isSocial = false, scheduledStart = null, scheduledEnd = null, sortOrder } = given;
        const whole = { title, url: linkAddress(url), icon, platform, embedType, embedMeta };
        const sealed = await service.sealer.seal(kinds.linkContent, userId, whole);
        const context = await contextOf(service, request);
        const command: BioPageCommand = {
          type: 'AddLink',
          ...{ userId, creatorId, bioPageId, dmActive },
          linkId: bioLinkIdOf(context.commandId, userId),
          link: { content: sealed, sortOrder, active, isSocial, scheduledStart, scheduledEnd },
          maxLinks: configValue(await service.lookups.config(), 'bio.max_links'),
        };
        const run = () => service.commands.handle(bioPage, command, context);
        const added = orThrow(await moderated(service, { bioPageId, newTexts: async () => [title] }, context, run));
        return linkResponse(service, added, command);
      },
    }),
    route({
      method: 'PATCH',
      path: '/creators/links/:linkId',
      summary: 'Change a link of your bio page',
      who: 'user',
      limit: LIMIT,
      params: linkParams,
      body: changedLink,
      data: writtenLink,
      errors: [
        'creator.links.not_found',
        'creator.links.not_owner',
        'creator.links.invalid_url',
        'creator.links.social_dm_active',
        ...ofTexts,
      ],
      async handle(request) {
        const { link, content } = parted(request.body);
        const { sortOrder, active, isSocial, scheduledStart, scheduledEnd } = link;
        const changes = { sortOrder, active, isSocial, scheduledStart, scheduledEnd };
        const given = Object.entries({
          ...content,
          url: content.url === undefined ? undefined : linkAddress(content.url),
        }).filter(([, value]) => value !== undefined);
        const written = await onOwnLink(service, request, ({ page, linkId, dmActive }, context) => {
          const { bioPageId } = page;
          const run = () => service.commands.handleBy(bioPage, bioPageStream(bioPageId), updated, context);
          return moderated(service, { bioPageId, newTexts }, context, run);

          async function newTexts(before: BioPage) {
            return content.title === (await contentOf(before))?.title ? [] : [content.title];
          }

          function contentOf({ links }: BioPage) {
            return service.sealer.open(kinds.linkContent, links[linkId]?.content ?? null);
          }

          async function updated(state: BioPage): Promise<BioPageCommand> {
            const before = await contentOf(state);
            const whole = given.length > 0 && before ? { ...before, ...Object.fromEntries(given) } : null;
            const changed = whole !== null && !sameValue(whole, before);
            const content = changed ? await service.sealer.seal(kinds.linkContent, page.userId, whole) : undefined;
            return { type: 'UpdateLink', ...page, linkId, changes: { content, ...changes }, dmActive };
          }
        });
        const { linkId } = request.params;
        return linkResponse(service, written, { linkId, ...pageOf(callerOf(request)) });
      },
    }),
    route({
      method: 'DELETE',
      path: '/creators/links/:linkId',
      summary: 'Remove a link from your bio page',
      who: 'user',
      limit: LIMIT,
      params: linkParams,
      data: writtenOrder,
      errors: ['creator.links.not_found', 'creator.links.not_owner'],
      async handle(request) {
        const written = await onOwnLink(service, request, ({ page, linkId }, context) =>
          service.commands.handle(bioPage, { type: 'RemoveLink', ...page, linkId }, context),
        );
        return writeResponse(service, written, { linkIds: linkIdsInOrder(written.state) });
      },
    }),
    route({
      method: 'POST',
      path: '/creators/:creatorId/links/reorder',
      summary: 'Put the links of your bio page in order',
      who: 'user',
      limit: LIMIT,
      params: pageParams,
      body: z.strictObject({ linkIds: z.array(idText).max(MAX_LINKS) }),
      data: writtenOrder,
      errors: ['creator.ownership.forbidden', 'creator.bio.not_found', 'creator.links.not_owned'],
      async handle(request) {
        const creatorId = ownCreatorId(request);
        const { userId, bioPageId } = await liveCreator(service, creatorId, 'creator.bio.not_found');
        const { linkIds } = request.body;
        const context = await contextOf(service, request);
        const command: BioPageCommand = { type: 'ReorderLinks', userId, creatorId, bioPageId, linkIds };
        return writeResponse(service, orThrow(await service.commands.handle(bioPage, command, context)), { linkIds });
      },
    }),
  ];
}

/** Splits a link into what is sealed and what is not. */
function parted(body: z.output<typeof changedLink>) {
  const { title, url, icon, platform, embedType, embedMeta, ...link } = body;
  return { content: { title, url, icon, platform, embedType, embedMeta }, link };
}

function linkAddress(text: string): string {
  const address = webAddressOf(text);
  if (address === null) throw new Refused('creator.links.invalid_url');
  return address;
}
