/** A creator's own link: whether it is hers, commands on it, and how they answer. */
import type { BioPageEvent } from '@creator-dashboards/shared/events/creator';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { bioPageIdOf, creatorIdOf } from '@creator-dashboards/shared/ids';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { profileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import type { z } from 'zod';
import { bioPage, bioPageStream, type BioPage, type LinkState, type PageOwner } from '../domain/bio-page.js';
import { bioLinkOwners } from '../lookups/bio-link-owners.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandOutcome, CommandResult } from '../runtime/command-loop.js';
import type { CommandService } from '../runtime/service.js';
import { liveCreator } from './creator-access.js';
import { contextOf, writeResponse } from './request.js';

/** A link as the profile shows it, but for what only the profile's view knows. */
export const shownLink = profileBody.shape.bioPage
  .unwrap()
  .shape.links.element.omit({ clickCount: true, createdAt: true, updatedAt: true });

export function pageOf(userId: string): PageOwner {
  return { userId, creatorId: creatorIdOf(userId), bioPageId: bioPageIdOf(userId) };
}

type LinkRequest = RouteRequest<{ linkId: string }>;

/**
 * Runs a command on the caller's own link. A retry returns the first result, whatever became of the link since (idempotency,
 * domain 9.7). The link is read before that result is looked for, so that a missing link was not removed by this very command.
 */
export async function onOwnLink(
  service: CommandService,
  request: LinkRequest,
  run: (own: OwnLink, context: CommandContext) => Promise<CommandOutcome<BioPage, BioPageEvent>>,
): Promise<Written> {
  const context = await contextOf(service, request);
  const own = await ownLink(service, request).catch((error: unknown) => {
    if (error instanceof Refused) return error;
    throw error;
  });
  const { bioPageId } = pageOf(callerOf(request));
  const { earlier } = await service.commands.begin(bioPage, bioPageStream(bioPageId), context);
  if (earlier) return orThrow(earlier);
  if (own instanceof Refused) throw own;
  return orThrow(await run(own, context));
}

type Written = CommandResult<BioPage, BioPageEvent>;

/** The link as this command left it: its own event says so, whatever became of the link since. */
export async function linkResponse(
  service: CommandService,
  written: Written,
  { linkId, bioPageId }: Pick<PageOwner, 'bioPageId'> & { readonly linkId: string },
): Promise<RouteResponse> {
  const event = written.events.find(({ type }) => type === 'BioLinkAdded' || type === 'BioLinkUpdated');
  const { content, ...link } = (event?.data ?? written.state.links[linkId]) as LinkState;
  const none = { title: null, url: null, icon: null, platform: null, embedType: null, embedMeta: null };
  const texts = (await service.sealer.open(kinds.linkContent, content)) ?? none;
  const { sortOrder, active, isSocial, scheduledStart, scheduledEnd } = link;
  const schedule = { scheduledStart, scheduledEnd };
  const shown = { id: linkId, bioPageId, ...texts, sortOrder, active, isSocial, ...schedule };
  return writeResponse(service, written, shown satisfies z.output<typeof shownLink>);
}

/** The links of a page as the profile lists them: by sortOrder, then oldest first (ties, G38), in which order the state has them. */
export function linkIdsInOrder({ links }: BioPage): string[] {
  return Object.entries(links)
    .sort(([, a], [, b]) => a.sortOrder - b.sortOrder)
    .map(([linkId]) => linkId);
}

type OwnLink = Awaited<ReturnType<typeof ownLink>>;

/** The caller's link; 404 when there is no such link, 403 when it is another creator's. */
async function ownLink(service: CommandService, request: Pick<LinkRequest, 'actor' | 'params'>) {
  const page = pageOf(callerOf(request));
  const { linkId } = request.params;
  const isOn = async ({ bioPageId }: PageOwner) => {
    const { state } = await service.commands.load(bioPage, bioPageStream(bioPageId));
    return state.links[linkId] !== undefined;
  };
  if (await isOn(page)) {
    const { dmActive } = await liveCreator(service, page.creatorId, 'creator.links.not_found');
    return { page, linkId, dmActive };
  }
  const added = await service.lookups.get(bioLinkOwners, linkId);
  const elsewhere = added !== null && (await isOn(pageOf(added.userId)));
  throw new Refused(elsewhere ? 'creator.links.not_owner' : 'creator.links.not_found');
}
