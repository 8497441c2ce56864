/**
 * Every view of the system, by name. The list stands here once. A change of a fold needs a raised version: the pinned
 * fingerprints (shared/test/views/fingerprints.json) watch.
 */
import { config } from './config/fold.js';
import type { ConfigDocument } from './config/document.js';
import type { CreatorDashboardDocument } from './creator-dashboard/document.js';
import { creatorDashboard } from './creator-dashboard/fold.js';
import type { CreatorProfileDocument } from './creator-profile/document.js';
import { creatorProfile } from './creator-profile/fold.js';
import type { DmConfigDocument } from './dm-config/document.js';
import { dmConfig } from './dm-config/fold.js';
import type { FanWalletDocument } from './fan-wallet/document.js';
import { fanWallet } from './fan-wallet/fold.js';
import type { MessageDocument } from './message/document.js';
import { message } from './message/fold.js';
import type { ReferralDashboardDocument } from './referral-dashboard/document.js';
import { referralDashboard } from './referral-dashboard/fold.js';
import type { View } from './view.js';

export interface Views {
  creatorDashboard: CreatorDashboardDocument;
  creatorProfile: CreatorProfileDocument;
  dmConfig: DmConfigDocument;
  referralDashboard: ReferralDashboardDocument;
  message: MessageDocument;
  fanWallet: FanWalletDocument;
  config: ConfigDocument;
}
export type ViewName = keyof Views;

export const views: { readonly [V in ViewName]: View<Views[V]> } = {
  creatorDashboard,
  creatorProfile,
  dmConfig,
  referralDashboard,
  message,
  fanWallet,
  config,
};

export const viewNames = Object.keys(views) as readonly ViewName[];

export function isViewName(name: string): name is ViewName {
  return Object.hasOwn(views, name);
}
