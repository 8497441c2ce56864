import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';

/** Whose page a link is on; key: linkId. Click routes and other creators know the link alone. */
export interface BioLinkOwner extends FoldedDocument {
  readonly userId: string;
  readonly creatorId: string;
  readonly removed: boolean;
}

export const bioLinks: Fold<BioLinkOwner> = {
  name: 'bioLinks',
  version: 1,
  categories: ['bioPage'],
  keyOf: ({ metadata }) => metadata.keys.linkId,
  initial: { userId: '', creatorId: '', removed: false },
  handlers: {
    BioLinkAdded: (_, { metadata: { keys } }) => ({
      userId: keys.userId ?? '',
      creatorId: keys.creatorId ?? '',
      removed: false,
    }),
    BioLinkRemoved: (owner) => ({ ...owner, removed: true }),
  },
};
