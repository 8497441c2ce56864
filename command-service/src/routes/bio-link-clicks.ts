/** Clicks on the links of public pages, by the API and by the pages themselves (domain 2.5, G44b). */
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { notFoundPage } from '@creator-dashboards/shared/http/page';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { sentTo } from '@creator-dashboards/shared/http/visit';
import { isLinkShown } from '@creator-dashboards/shared/shown-links';
import { MINUTE, toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { bioLinkClicks, type TrackLinkClick } from '../domain/bio-link-clicks.js';
import { bioPage, bioPageStream } from '../domain/bio-page.js';
import { user, userStream } from '../domain/user.js';
import { idText } from '@creator-dashboards/shared/http/fields';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { countVisit } from '../http/visits.js';
import { bioLinkOwners } from '../lookups/bio-link-owners.js';
import type { CommandService } from '../runtime/service.js';
import { pageOf } from '../http/own-link.js';
import { linkParams } from './bio-links.js';

export function bioLinkClickRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/bio/links/:linkId/click',
      summary: 'Count a click on a link',
      who: 'public',
      limit: { max: 60, perMs: MINUTE },
      keyless: true,
      params: linkParams,
      data: writtenData,
      errors: ['creator.links.not_found'],
      async handle(request) {
        const found = await clickableLink(service, request.params.linkId);
        if (!found) throw new Refused('creator.links.not_found');
        return writeResponse(service, await countLinkClick(service, found, request));
      },
    }),
  ];
}

export function bioLinkPages(service: CommandService): Route[] {
  return [
    route({
      method: 'GET',
      path: '/go/:linkId',
      summary: 'Follow a link of a public page',
      who: 'public',
      limit: { max: 60, perMs: MINUTE },
      params: z.strictObject({ linkId: z.string() }),
      async handle(request) {
        const linkId = idText.safeParse(request.params.linkId);
        const found = linkId.success ? await clickableLink(service, linkId.data) : null;
        if (!found || !isLinkShown(found.link, toInstant(service.clock.now()))) return notFoundPage();
        const content = await service.sealer.open(kinds.linkContent, found.link.content);
        if (content === null) return notFoundPage();
        await countVisit(service, request, () => countLinkClick(service, found, request));
        return sentTo(content.url);
      },
    }),
  ];
}

type ClickableLink = NonNullable<Awaited<ReturnType<typeof clickableLink>>>;

/** A link on a published page of a creator with an active account; null for any other. */
async function clickableLink(service: CommandService, linkId: string) {
  const owner = await service.lookups.get(bioLinkOwners, linkId);
  if (!owner) return null;
  const { userId, creatorId, bioPageId } = pageOf(owner.userId);
  const [{ state: page }, { state: account }] = await Promise.all([
    service.commands.load(bioPage, bioPageStream(bioPageId)),
    service.commands.load(user, userStream(userId)),
  ]);
  const link = page.links[linkId];
  return page.published && link && account.status === 'ACTIVE' ? { linkId, link, userId, creatorId } : null;
}

async function countLinkClick(
  service: CommandService,
  { linkId, userId, creatorId }: ClickableLink,
  request: RouteRequest,
) {
  const command: TrackLinkClick = { type: 'TrackLinkClick', linkId, userId, creatorId };
  return orThrow(await service.commands.handle(bioLinkClicks, command, await contextOf(service, request)));
}
