import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { BioContent, BioPageEvent, BioTemplate, LinkContent } from '@creator-dashboards/shared/events/creator';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';

/** A page is there with its creator's profile; its stream begins with the first change. */
export function bioPageStream(bioPageId: string): string {
  return `bioPage-${bioPageId}`;
}

/** Whose page it is; no event of the page says so. */
export interface PageOwner {
  readonly bioPageId: string;
  readonly userId: string;
  readonly creatorId: string;
}

export interface LinkState {
  readonly content: Sealed<LinkContent>;
  readonly sortOrder: number;
  readonly active: boolean;
  /** A manual social link: not shown while DMs are on (domain 2.5). */
  readonly isSocial: boolean;
  readonly scheduledStart: Instant | null;
  readonly scheduledEnd: Instant | null;
}

type Optional<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Undefined fields stay as they are. */
export interface PageChanges {
  readonly content: Sealed<BioContent> | undefined;
  readonly embedEnabled: boolean | undefined;
  readonly published: boolean | undefined;
  readonly emailCollectionEnabled: boolean | undefined;
  /** The template with this id, or null for none. */
  readonly template: BioTemplate | null | undefined;
}

export type BioPageCommand = PageOwner &
  (
    | { readonly type: 'UpdatePage'; readonly changes: PageChanges }
    | {
        readonly type: 'AddLink';
        readonly linkId: string;
        /** Without a sortOrder it comes last. */
        readonly link: Omit<LinkState, 'sortOrder'> & { readonly sortOrder: number | undefined };
        readonly dmActive: boolean;
        /** Config bio.max_links. */
        readonly maxLinks: number | null;
      }
    | {
        readonly type: 'UpdateLink';
        readonly linkId: string;
        readonly changes: Optional<LinkState>;
        readonly dmActive: boolean;
      }
    | { readonly type: 'RemoveLink'; readonly linkId: string }
    | { readonly type: 'ReorderLinks'; readonly linkIds: readonly string[] }
    | { readonly type: 'RecordClick'; readonly linkId: string }
    | { readonly type: 'HideSocialLinks' | 'RestoreSocialLinks'; readonly linkIds: readonly string[] }
  );

export interface BioPage {
  /** Null until the page gets content of its own. */
  readonly content: Sealed<BioContent> | null;
  readonly links: Readonly<Record<string, LinkState>>;
}

/** The manual links that a switch of the DMs hides or, also those the creator hid herself, shows again (domain 2.5). */
export function linksFollowingDms(page: BioPage, dmActive: boolean): string[] {
  const following = Object.entries(page.links).filter(([, link]) => link.isSocial && link.active === dmActive);
  return following.map(([linkId]) => linkId);
}

function evolve(state: BioPage, { type, data }: BioPageEvent): BioPage {
  switch (type) {
    case 'BioPageUpdated':
      return { ...state, content: data.content ?? state.content };
    case 'BioLinkAdded':
    case 'BioLinkUpdated': {
      const { linkId, ...link } = data;
      return { ...state, links: { ...state.links, [linkId]: link } };
    }
    case 'BioLinkRemoved': {
      const { [data.linkId]: _removed, ...links } = state.links;
      return { ...state, links };
    }
    case 'BioLinksReordered':
      return changeLinks(state, data.linkIds, (_link, sortOrder) => ({ sortOrder }));
    case 'SocialLinksHidden':
      return changeLinks(state, data.linkIds, () => ({ active: false }));
    case 'SocialLinksRestored':
      return changeLinks(state, data.linkIds, () => ({ active: true }));
    case 'BioTemplateApplied':
    case 'BioLinkClicked':
      return state;
  }
}

function changeLinks(
  state: BioPage,
  linkIds: readonly string[],
  change: (link: LinkState, index: number) => Partial<LinkState>,
): BioPage {
  const links = { ...state.links };
  for (const [index, linkId] of linkIds.entries()) {
    const link = links[linkId];
    if (link) links[linkId] = { ...link, ...change(link, index) };
  }
  return { ...state, links };
}

function decide(command: BioPageCommand, state: BioPage): readonly BioPageEvent[] | Refusal {
  switch (command.type) {
    case 'UpdatePage':
      return updatePage(command.changes);
    case 'AddLink': {
      const { linkId, link, dmActive, maxLinks } = command;
      const count = Object.keys(state.links).length;
      if (link.isSocial && dmActive) return refuse('creator.links.social_dm_active');
      if (maxLinks !== null && count >= maxLinks) return refuse('creator.links.limit_reached', { max: maxLinks });
      return [{ type: 'BioLinkAdded', data: { ...link, linkId, sortOrder: link.sortOrder ?? count } }];
    }
    case 'UpdateLink': {
      const before = state.links[command.linkId];
      if (!before) return refuse('creator.links.not_found');
      const link = { ...before, ...given(command.changes) };
      if (link.isSocial && link.active && command.dmActive) return refuse('creator.links.social_dm_active');
      return [{ type: 'BioLinkUpdated', data: { linkId: command.linkId, ...link } }];
    }
    case 'RemoveLink':
      if (!state.links[command.linkId]) return refuse('creator.links.not_found');
      return [{ type: 'BioLinkRemoved', data: { linkId: command.linkId } }];
    case 'ReorderLinks': {
      const { linkIds } = command;
      const all = new Set(linkIds).size === Object.keys(state.links).length;
      if (!all || linkIds.length !== new Set(linkIds).size || linkIds.some((linkId) => !state.links[linkId]))
        return refuse('creator.links.not_owned');
      const inOrder = linkIds.every((linkId, index) => state.links[linkId]?.sortOrder === index);
      return inOrder ? [] : [{ type: 'BioLinksReordered', data: { linkIds: [...linkIds] } }];
    }
    case 'RecordClick':
      if (!state.links[command.linkId]) return refuse('creator.links.not_found');
      return [{ type: 'BioLinkClicked', data: { linkId: command.linkId } }];
    case 'HideSocialLinks': {
      const linkIds = command.linkIds.filter((linkId) => state.links[linkId]?.active === true);
      return linkIds.length > 0 ? [{ type: 'SocialLinksHidden', data: { linkIds } }] : [];
    }
    case 'RestoreSocialLinks': {
      const linkIds = command.linkIds.filter((linkId) => state.links[linkId]?.active === false);
      return linkIds.length > 0 ? [{ type: 'SocialLinksRestored', data: { linkIds } }] : [];
    }
  }
}

function updatePage({ template, ...changes }: PageChanges): BioPageEvent[] {
  const changed = given(changes);
  const events: BioPageEvent[] = [];
  if (Object.keys(changed).length > 0) events.push({ type: 'BioPageUpdated', data: changed });
  if (template !== undefined)
    events.push({ type: 'BioTemplateApplied', data: { templateId: template?.id ?? null, template } });
  return events;
}

/** The fields that are not undefined. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export const bioPage: Decider<BioPage, BioPageCommand, BioPageEvent> = {
  category: 'bioPage',
  snapshotVersion: 1,
  streamOf: ({ bioPageId }) => bioPageStream(bioPageId),
  initial: { content: null, links: {} },
  evolve,
  decide,
  keysOf: (_state, command) => {
    const { userId, creatorId } = command;
    return 'linkId' in command ? { userId, creatorId, linkId: command.linkId } : { userId, creatorId };
  },
};
