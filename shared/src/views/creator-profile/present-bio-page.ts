import { kinds } from '../../events/sealed.js';
import type { Open } from '../open.js';
import type { BioPageBody, LinkBody } from './body.js';
import type { BioLinkDocument, BioPageDocument } from './document.js';

export async function presentBioPage(page: BioPageDocument, creatorId: string, open: Open): Promise<BioPageBody> {
  const content = await open(kinds.bioContent, page.content);
  return {
    id: page.id,
    creatorId,
    templateId: page.templateId,
    bio: page.content ? (content?.bio ?? null) : await open(kinds.bio, page.initialBio),
    themeOverride: content?.themeOverride ?? null,
    customCss: content?.customCss ?? null,
    embedEnabled: page.embedEnabled,
    published: page.published,
    emailCollectionEnabled: page.emailCollectionEnabled,
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
    links: await Promise.all(page.links.toSorted(byPlace).map((link) => presentLink(link, page.id, open))),
    template: page.template,
  };
}

/** Links are shown by sortOrder, then oldest first (G38). */
function byPlace(a: BioLinkDocument, b: BioLinkDocument): number {
  return a.sortOrder - b.sortOrder || compare(a.createdAt, b.createdAt) || compare(a.id, b.id);
}

async function presentLink(link: BioLinkDocument, bioPageId: string, open: Open): Promise<LinkBody> {
  const content = await open(kinds.linkContent, link.content);
  return {
    id: link.id,
    bioPageId,
    title: content?.title ?? null,
    url: content?.url ?? null,
    icon: content?.icon ?? null,
    sortOrder: link.sortOrder,
    active: link.active,
    isSocial: link.isSocial,
    platform: content?.platform ?? null,
    embedType: content?.embedType ?? null,
    embedMeta: content?.embedMeta ?? null,
    scheduledStart: link.scheduledStart,
    scheduledEnd: link.scheduledEnd,
    clickCount: link.clickCount,
    createdAt: link.createdAt,
    updatedAt: link.updatedAt,
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
