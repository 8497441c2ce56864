/**
 * Every view of this version of the system: a new one is a folder and its lines here. Only the code that wires a process imports
 * `views`; all other code takes a ViewRegistry. Raise a view's version when its fold changes: a test compares the folds with their
 * pinned fingerprints (shared/test/views/fingerprints.json).
 */
import { account } from './account/fold.js';
import { block } from './block/fold.js';
import { config } from './config/fold.js';
import { conversation } from './conversation/fold.js';
import { creatorDashboard } from './creator-dashboard/fold.js';
import { creatorProfile } from './creator-profile/fold.js';
import { dmConfig } from './dm-config/fold.js';
import { fanWallet } from './fan-wallet/fold.js';
import { message } from './message/fold.js';
import { message as messageV1 } from './message/v1/fold.js';
import { payout } from './payout/fold.js';
import { person } from './person/fold.js';
import { referralDashboard } from './referral-dashboard/fold.js';
import { socialAccounts } from './social-accounts/fold.js';
import { walletMovement } from './wallet-movement/fold.js';
import { work } from './work/fold.js';
import type { View } from './view.js';

export const views = {
  creatorDashboard,
  creatorProfile,
  dmConfig,
  referralDashboard,
  message: { ...message, kept: messageV1 },
  conversation,
  fanWallet,
  walletMovement,
  payout,
  person,
  socialAccounts,
  block,
  work,
  account,
  config,
};

export type ViewName = keyof typeof views;

type DocumentOf<V> = V extends View<infer D> ? D : never;

/** The document type of each view, by the view's name. */
export type Views = { readonly [V in ViewName]: DocumentOf<(typeof views)[V]> };
