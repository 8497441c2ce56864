/** What everybody may know of a creator, by her name: for her page and for GET /bio/:username alike (domain 2.5). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { isLinkShown } from '@creator-dashboards/shared/shown-links';
import { toInstant, type Instant, type WallClock } from '@creator-dashboards/shared/time';
import type { AccountDocument } from '@creator-dashboards/shared/views/account/document';
import type { CreatorProfileDocument } from '@creator-dashboards/shared/views/creator-profile/document';
import { presentBioPage } from '@creator-dashboards/shared/views/creator-profile/present-bio-page';
import { decimalOrNull } from '@creator-dashboards/shared/views/numbers';
import type { Open } from '@creator-dashboards/shared/views/open';
import { createHash } from 'node:crypto';
import { matches } from './etag.js';
import type { Owners } from './owners.js';
import type { ViewReader } from './read.js';
import { notFound } from './shown.js';

export interface PublicBioOptions {
  readonly reader: ViewReader;
  readonly ownerOf: Owners['ofName'];
  readonly clock: WallClock;
}

export type PublicBio = NonNullable<Awaited<ReturnType<typeof publicBioOf>>>;

/** The answer of the read, with the bio as its data; without data where there is none to show, and refused where that is not known. */
export async function readPublicBio(
  { reader, ownerOf, clock }: PublicBioOptions,
  request: RouteRequest,
  username: string,
): Promise<RouteResponse & { readonly data?: PublicBio | null }> {
  const userId = await ownerOf(username);
  if (userId === null) return {};
  const answer = await reader.answer(unconditional(request), {
    view: 'creatorProfile',
    key: userId,
    show: ({ document, open }) =>
      document && isPublic(document)
        ? async () => publicBioOf(document, await reader.account(userId), open, toInstant(clock.now()))
        : notFound('creator.bio.not_found', document),
  });
  if (answer.refused?.key === 'creator.bio.not_found') return {};
  return answer as RouteResponse & { data?: PublicBio | null };
}

/** It is made for each request: what it shows moves with time and with the account, not only with the document. So its ETag is made of it. A shared cache may keep it, but not for another origin's page. */
export function revalidated(request: RouteRequest, read: RouteResponse, made: string, answer: RouteResponse) {
  const etag = `W/"${createHash('sha256').update(made).digest('base64url')}"`;
  const headers = { ...read.headers, ...answer.headers, ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Origin' };
  return matches(request.header('if-none-match'), etag) ? { status: 304, headers } : { ...answer, headers };
}

function unconditional({ header }: RouteRequest): Pick<RouteRequest, 'header'> {
  return { header: (name) => (name === 'if-none-match' ? undefined : header(name)) };
}

/** Staff hide a page by suspending or banning its creator, she herself by unpublishing it. */
function isPublic({ creatorId, deletedAt, creatorStatus, bioPage }: CreatorProfileDocument): boolean {
  const isOpen = creatorStatus === 'ACTIVE' || creatorStatus === 'VACATION';
  return creatorId !== '' && deletedAt === null && isOpen && bioPage?.published === true;
}

/** Null unless the account is active. It is asked after last, so that it is no older than the profile that was waited for. */
async function publicBioOf(
  document: CreatorProfileDocument,
  account: AccountDocument | null,
  open: Open,
  now: Instant,
) {
  const { bioPage, creatorId, displayName, dmActive, dmType, dmPrice, vacationMode, categories } = document;
  if (account?.status !== 'ACTIVE' || !bioPage) return null;
  const { bio, links, template, themeOverride, customCss, embedEnabled } = await presentBioPage(
    bioPage,
    creatorId,
    open,
  );
  return {
    creatorId,
    username: await open(kinds.name, account.username),
    displayName: await open(kinds.displayName, displayName),
    ...{ bio, template, themeOverride, customCss, embedEnabled },
    dmActive: dmActive && !vacationMode,
    dmType,
    dmPrice: decimalOrNull(dmPrice),
    categories: categories.map(({ id, name }) => ({ id, name })),
    links: links
      .filter((link) => isLinkShown(link, now))
      .map(({ id, title, url, icon, isSocial, platform, embedType, embedMeta }) => ({
        ...{ id, title, url, icon, isSocial, platform, embedType, embedMeta },
      })),
  };
}
