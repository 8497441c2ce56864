import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';

/** Whose page a link was added to; key: linkId. Requests for a link name only its id. Entries of removed links stay. */
export interface BioLinkOwner extends FoldedDocument {
  readonly userId: string;
  readonly creatorId: string;
}

export const bioLinkOwners: Fold<BioLinkOwner> = {
  name: 'bioLinkOwners',
  version: 1,
  categories: ['bioPage'],
  keyOf: ({ metadata }) => metadata.keys.linkId,
  initial: { userId: '', creatorId: '' },
  handlers: {
    BioLinkAdded: (_, { metadata: { keys } }) => ({ userId: keys.userId ?? '', creatorId: keys.creatorId ?? '' }),
  },
};
