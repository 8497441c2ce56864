/** How events change the bio page inside the profile. Links are kept in order of creation and sorted when shown. */
import type { EventNamed } from '../../events/index.js';
import type { Instant } from '../../time.js';
import type { BioLinkDocument, BioPageDocument } from './document.js';

type Edit = (page: BioPageDocument) => BioPageDocument;

/** A new page is published, with embedding and e-mail collection off (domain 9.12). */
export function newBioPage(upgrade: EventNamed<'CreatorUpgraded'>['data']): BioPageDocument {
  return {
    id: upgrade.bioPageId,
    templateId: upgrade.templateId,
    template: upgrade.template,
    initialBio: upgrade.bio,
    content: null,
    embedEnabled: false,
    published: true,
    emailCollectionEnabled: false,
    links: [],
    createdAt: upgrade.createdAt,
    updatedAt: upgrade.createdAt,
  };
}

/** Sets the given fields of the page itself; absent ones stay. */
export function changedPage(fields: Partial<BioPageDocument>, at: Instant): Edit {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const replacesBio = fields.content !== undefined;
  return (page) => ({ ...page, ...given, ...(replacesBio ? { initialBio: null } : {}), updatedAt: at });
}

export function addedLink({ linkId, ...link }: EventNamed<'BioLinkAdded'>['data'], at: Instant): Edit {
  const added: BioLinkDocument = { id: linkId, ...link, clickCount: 0, createdAt: at, updatedAt: at };
  return (page) => ({ ...page, links: [...page.links, added] });
}

export function editedLink({ linkId, ...link }: EventNamed<'BioLinkUpdated'>['data'], at: Instant): Edit {
  return changedLinks([linkId], at, () => link);
}

/** The other links keep their sortOrder: the gap stays (domain 2.5). */
export function removedLink(linkId: string): Edit {
  return (page) => ({ ...page, links: page.links.filter((link) => link.id !== linkId) });
}

/** Each listed link takes its place in the list as its sortOrder. */
export function reorderedLinks(linkIds: readonly string[], at: Instant): Edit {
  return changedLinks(linkIds, at, (link) => ({ sortOrder: linkIds.indexOf(link.id) }));
}

/** A click only raises the count. One on a link that was removed meanwhile is ignored. */
export function clickedLink(linkId: string): Edit {
  return (page) => ({
    ...page,
    links: page.links.map((link) => (link.id === linkId ? { ...link, clickCount: link.clickCount + 1 } : link)),
  });
}

/** Changes the named links. One that was removed meanwhile is skipped: hiding and restoring come some time after their cause. */
export function changedLinks(
  linkIds: readonly string[],
  at: Instant,
  change: (link: BioLinkDocument) => Partial<BioLinkDocument>,
): Edit {
  return (page) => ({
    ...page,
    links: page.links.map((link) => (linkIds.includes(link.id) ? { ...link, ...change(link), updatedAt: at } : link)),
  });
}
