/** The public page of a creator, which `bioPageUrl` leads to (domain 2.5). */
import { escaped, notFoundPage, page } from '@creator-dashboards/shared/http/page';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { readPublicBio, revalidated, type PublicBio, type PublicBioOptions } from '../reads/public-bio.js';

export function publicPages(options: PublicBioOptions): Route[] {
  return [
    route({
      method: 'GET',
      path: '/:username',
      summary: 'The public page of a creator',
      who: 'public',
      limit: { max: 120, perMs: MINUTE },
      params: z.strictObject({ username: z.string().max(200) }),
      async handle(request) {
        const read = await readPublicBio(options, request, request.params.username);
        if (read.refused) return read;
        if (!read.data) return notFoundPage();
        const made = htmlOf(read.data);
        return revalidated(request, read, made.html, made);
      },
    }),
  ];
}

/** Texts that can no longer be opened are left out. `dir="auto"` keeps a text's direction from the rest of the page. */
function htmlOf({ username, displayName, bio, links }: PublicBio) {
  const name = displayName ?? username ?? 'Creator';
  const shown = links.map(linkHtml);
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
function linkHtml({ id, title, url }: PublicBio['links'][number]): string {
  if (title === null || url === null) return '';
  const texts = `<span dir="auto">${escaped(title)}</span><span class="host">${escaped(new URL(url).host)}</span>`;
  return `<li><a href="/go/${escaped(id)}" rel="nofollow ugc noopener noreferrer">${texts}</a></li>`;
}
