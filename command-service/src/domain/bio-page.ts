import { isRefusal, refuse, refuseField, type Refusal } from '@creator-dashboards/shared/errors';
import type { BioPageEvent, BioTemplate } from '@creator-dashboards/shared/events/creator';
import type { BioContent, LinkContent } from '@creator-dashboards/shared/events/sealed';
import type { CreatorId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { appliedTemplate, type AppliedTemplate } from './applied-template.js';
import type { Decider } from './decider.js';

/** A page exists as soon as its creator's profile does; its stream begins with the first change. */
export function bioPageStream(bioPageId: string): string {
  return `bioPage-${bioPageId}`;
}

/** Whose page it is: the page's own events do not say. */
export interface PageOwner {
  readonly bioPageId: string;
  readonly userId: string;
  readonly creatorId: CreatorId;
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
        readonly maxLinks: number;
      }
    | {
        readonly type: 'UpdateLink';
        readonly linkId: string;
        readonly changes: Optional<LinkState>;
        readonly dmActive: boolean;
      }
    | { readonly type: 'RemoveLink'; readonly linkId: string }
    | { readonly type: 'ReorderLinks'; readonly linkIds: readonly string[] }
    /** DMs are on, or were switched off: manual social links follow (G59). */
    | { readonly type: 'HideSocialLinks' | 'RestoreSocialLinks' }
  );

export interface BioPage {
  /** Null until the page gets content of its own. */
  readonly content: Sealed<BioContent> | null;
  /** Whether the public may see it. */
  readonly published: boolean;
  readonly embedEnabled: boolean;
  readonly emailCollectionEnabled: boolean;
  /** Undefined as long as it is the one of the upgrade. */
  readonly template?: AppliedTemplate | null;
  readonly links: Readonly<Record<string, LinkState>>;
}

const initial: BioPage = {
  content: null,
  published: true,
  embedEnabled: false,
  emailCollectionEnabled: false,
  links: {},
};

function evolve(state: BioPage, { type, data }: BioPageEvent): BioPage {
  switch (type) {
    case 'BioPageUpdated':
      return { ...state, ...given(data) };
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
      return { ...state, template: appliedTemplate(data.template) };
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

type Decision = readonly BioPageEvent[] | Refusal;
type CommandNamed<T extends BioPageCommand['type']> = Extract<BioPageCommand, { type: T }>;

/** Of the state as JSON, its texts sealed: a page that grew past it would take its snapshots with it (domain 9.9). */
export const MAX_PAGE_BYTES = 256 * 1024;

const bytesOf = (page: BioPage) => Buffer.byteLength(JSON.stringify(page));

/** What was decided, or a refusal where the page would become too large; what makes it smaller is always allowed. */
function withinBytes(page: BioPage, decision: Decision): Decision {
  if (isRefusal(decision)) return decision;
  const bytes = bytesOf(decision.reduce(evolve, page));
  return bytes > MAX_PAGE_BYTES && bytes > bytesOf(page)
    ? refuse('creator.bio.too_large', { max: MAX_PAGE_BYTES })
    : decision;
}

function decide(command: BioPageCommand, page: BioPage): Decision {
  switch (command.type) {
    case 'UpdatePage':
      return withinBytes(page, updatePage(command.changes, page));
    case 'AddLink':
      return withinBytes(page, addLink(command, page));
    case 'UpdateLink':
      return withinBytes(page, updateLink(command, page));
    case 'RemoveLink':
      return removeLink(command, page);
    case 'ReorderLinks':
      return reorderLinks(command, page);
    case 'HideSocialLinks':
      return hideSocialLinks(page);
    case 'RestoreSocialLinks':
      return restoreSocialLinks(page);
  }
}

function updatePage({ template, ...changes }: PageChanges, page: BioPage): BioPageEvent[] {
  const changed = changesOf(changes, page);
  const events: BioPageEvent[] = [];
  if (Object.keys(changed).length > 0) events.push({ type: 'BioPageUpdated', data: changed });
  if (template !== undefined)
    events.push({ type: 'BioTemplateApplied', data: { templateId: template?.id ?? null, template } });
  return events;
}

function addLink({ linkId, link, dmActive, maxLinks }: CommandNamed<'AddLink'>, { links }: BioPage): Decision {
  const count = Object.keys(links).length;
  if (link.isSocial && dmActive) return refuse('creator.links.social_dm_active');
  if (!inOrder(link)) return endNotAfterStart();
  if (count >= maxLinks) return refuse('creator.links.limit_reached', { max: maxLinks });
  return [{ type: 'BioLinkAdded', data: { ...link, linkId, sortOrder: link.sortOrder ?? count } }];
}

function updateLink({ linkId, changes, dmActive }: CommandNamed<'UpdateLink'>, { links }: BioPage): Decision {
  const before = links[linkId];
  if (!before) return refuse('creator.links.not_found');
  const changed = changesOf(changes, before);
  if (Object.keys(changed).length === 0) return [];
  const link = { ...before, ...changed };
  if (!inOrder(link)) return endNotAfterStart();
  if (link.isSocial && link.active && dmActive) return refuse('creator.links.social_dm_active');
  return [{ type: 'BioLinkUpdated', data: { linkId, ...link } }];
}

/** A request may give one date only: the other is the stored one. */
function inOrder({ scheduledStart, scheduledEnd }: Pick<LinkState, 'scheduledStart' | 'scheduledEnd'>): boolean {
  return scheduledStart === null || scheduledEnd === null || scheduledStart < scheduledEnd;
}

const endNotAfterStart = () => refuseField('scheduledEnd', 'must be after scheduledStart');

function removeLink({ linkId }: CommandNamed<'RemoveLink'>, { links }: BioPage): Decision {
  return links[linkId] ? [{ type: 'BioLinkRemoved', data: { linkId } }] : refuse('creator.links.not_found');
}

/** `linkIds` must name every link of the page exactly once, in the new order. */
function reorderLinks({ linkIds }: CommandNamed<'ReorderLinks'>, { links }: BioPage): Decision {
  const named = new Set(linkIds).size;
  const all = named === linkIds.length && named === Object.keys(links).length && linkIds.every((id) => links[id]);
  if (!all) return refuse('creator.links.not_owned');
  const inOrder = linkIds.every((linkId, index) => links[linkId]?.sortOrder === index);
  return inOrder ? [] : [{ type: 'BioLinksReordered', data: { linkIds: [...linkIds] } }];
}

function hideSocialLinks(page: BioPage): BioPageEvent[] {
  const linkIds = socialLinks(page, { active: true });
  return linkIds.length > 0 ? [{ type: 'SocialLinksHidden', data: { linkIds } }] : [];
}

/** Also those that the creator had hidden herself (domain 2.5). */
function restoreSocialLinks(page: BioPage): BioPageEvent[] {
  const linkIds = socialLinks(page, { active: false });
  return linkIds.length > 0 ? [{ type: 'SocialLinksRestored', data: { linkIds } }] : [];
}

function socialLinks({ links }: BioPage, { active }: { active: boolean }): string[] {
  return Object.keys(links).filter((linkId) => links[linkId]?.isSocial && links[linkId].active === active);
}

/** What of the given fields is another value than before. */
function changesOf<T extends object>(fields: T, before: { readonly [K in keyof T]?: unknown }) {
  const changed = Object.entries(given(fields)).filter(([name, value]) => value !== before[name as keyof T]);
  return Object.fromEntries(changed) as ReturnType<typeof given<T>>;
}

/** The fields that are not undefined. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export const bioPage: Decider<BioPage, BioPageCommand, BioPageEvent> = {
  category: 'bioPage',
  snapshotVersion: 4,
  streamOf: ({ bioPageId }) => bioPageStream(bioPageId),
  initial,
  evolve,
  decide,
  keysOf: (_state, command) => {
    const { userId, creatorId } = command;
    return 'linkId' in command ? { userId, creatorId, linkId: command.linkId } : { userId, creatorId };
  },
};
