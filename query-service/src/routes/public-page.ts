/** The public page of a creator, which `bioPageUrl` leads to (domain 2.5). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { escaped, notFoundPage, page } from '@creator-dashboards/shared/http/page';
import { route, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { isLinkShown } from '@creator-dashboards/shared/shown-links';
import { MINUTE, toInstant, type Instant, type WallClock } from '@creator-dashboards/shared/time';
import type { AccountDocument } from '@creator-dashboards/shared/views/account/document';
import type { LinkBody } from '@creator-dashboards/shared/views/creator-profile/body';
import type { CreatorProfileDocument } from '@creator-dashboards/shared/views/creator-profile/document';
import { presentBioPage } from '@creator-dashboards/shared/views/creator-profile/present-bio-page';
import type { Open } from '@creator-dashboards/shared/views/open';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { matches } from '../reads/etag.js';
import type { Owners } from '../reads/owners.js';
import type { ViewReader } from '../reads/read.js';
import { notFound } from '../reads/shown.js';

interface PublicPageOptions {
  readonly reader: ViewReader;
  readonly ownerOf: Owners['ofName'];
  readonly clock: WallClock;
}

export function publicPages({ reader, ownerOf, clock }: PublicPageOptions): Route[] {
  return [
    route({
      method: 'GET',
      path: '/:username',
      summary: 'The public page of a creator',
      who: 'public',
      limit: { max: 120, perMs: MINUTE },
      params: z.strictObject({ username: z.string().max(200) }),
      async handle(request) {
        const userId = await ownerOf(request.params.username);
        if (userId === null) return notFoundPage();
        const answer = await reader.answer(unconditional(request), {
          view: 'creatorProfile',
          key: userId,
          show: ({ document, open }) =>
            document && isPublic(document)
              ? async () => contentOf(document, await reader.account(userId), open)
              : notFound('creator.bio.not_found', document),
        });
        if (answer.refused?.key === 'creator.bio.not_found') return notFoundPage();
        if (answer.refused) return answer;
        const content = answer.data as PageContent | null;
        return content ? revalidated(request, answer, htmlOf(content, toInstant(clock.now()))) : notFoundPage();
      },
    }),
  ];
}

/** The whole page is made for each request: what it shows moves with time and with the account, not only with the document. */
function unconditional({ header }: RouteRequest): Pick<RouteRequest, 'header'> {
  return { header: (name) => (name === 'if-none-match' ? undefined : header(name)) };
}

/** Staff hide a page by suspending or banning its creator, she herself by unpublishing it. */
function isPublic({ creatorId, deletedAt, creatorStatus, bioPage }: CreatorProfileDocument): boolean {
  const isOpen = creatorStatus === 'ACTIVE' || creatorStatus === 'VACATION';
  return creatorId !== '' && deletedAt === null && isOpen && bioPage?.published === true;
}

interface PageContent {
  readonly username: string | null;
  readonly displayName: string | null;
  readonly bio: string | null;
  readonly links: readonly LinkBody[];
}

/** Null unless the account is active. It is asked after last, so that it is no older than the profile that was waited for. */
async function contentOf(
  { bioPage, creatorId, displayName }: CreatorProfileDocument,
  account: AccountDocument | null,
  open: Open,
): Promise<PageContent | null> {
  if (account?.status !== 'ACTIVE') return null;
  const { bio, links } = bioPage ? await presentBioPage(bioPage, creatorId, open) : { bio: null, links: [] };
  const username = await open(kinds.name, account.username);
  return { username, displayName: await open(kinds.displayName, displayName), bio, links };
}

/** Texts that can no longer be opened are left out. `dir="auto"` keeps a text's direction from the rest of the page. */
function htmlOf({ username, displayName, bio, links }: PageContent, now: Instant) {
  const name = displayName ?? username ?? 'Creator';
  const shown = links.filter((link) => isLinkShown(link, now)).map(linkHtml);
  return page(
    username === null ? name : `${name} (@${username})`,
    [
      `<h1 dir="auto">${escaped(name)}</h1>`,
      ...(username === null ? [] : [`<p class="quiet">@${escaped(username)}</p>`]),
      ...(bio === null || bio === displayName ? [] : [`<p class="text" dir="auto">${escaped(bio)}</p>`]),
      ...(shown.join('') === '' ? [] : ['<ul>', ...shown, '</ul>']),
    ].join('\n'),
  );
}

/** Leads through an address of ours, which counts the click; the host says where it ends. */
function linkHtml({ id, title, url }: LinkBody): string {
  if (title === null || url === null) return '';
  const texts = `<span dir="auto">${escaped(title)}</span><span class="host">${escaped(new URL(url).host)}</span>`;
  return `<li><a href="/go/${escaped(id)}" rel="nofollow ugc noopener noreferrer">${texts}</a></li>`;
}

function revalidated(request: RouteRequest, read: RouteResponse, { html, headers }: ReturnType<typeof page>) {
  const etag = `W/"${createHash('sha256').update(html).digest('base64url')}"`;
  const all = { ...read.headers, ...headers, ETag: etag, 'Cache-Control': 'no-cache' };
  return matches(request.header('if-none-match'), etag) ? { status: 304, headers: all } : { html, headers: all };
}
