import type { BioLinkClicksEvent } from '@creator-dashboards/shared/events/creator';
import type { CreatorId } from '@creator-dashboards/shared/ids';
import type { Decider } from './decider.js';

/** Separate from the page's stream, so that a burst of clicks delays no change of the page and its state stays small (G44b). */
export const bioLinkClicksStream = (linkId: string) => `bioLinkClicks-${linkId}`;

export interface TrackLinkClick {
  readonly type: 'TrackLinkClick';
  readonly linkId: string;
  /** Whose link it is. */
  readonly userId: string;
  readonly creatorId: CreatorId;
}

/** Every click counts; the caller has asked the page whether the link exists. */
export const bioLinkClicks: Decider<object, TrackLinkClick, BioLinkClicksEvent> = {
  category: 'bioLinkClicks',
  snapshotVersion: 1,
  remembersCommands: false,
  streamOf: ({ linkId }) => bioLinkClicksStream(linkId),
  initial: {},
  evolve: (state) => state,
  decide: ({ linkId }) => [{ type: 'BioLinkClicked', data: { linkId } }],
  keysOf: (_, { userId, creatorId }) => ({ userId, creatorId }),
};
