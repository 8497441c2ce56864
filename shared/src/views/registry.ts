/**
 * Every view of this version of the system: a new one is a folder and its lines here. Only what puts a process together imports
 * `views`; all else takes a ViewRegistry. A change of a fold needs a raised version: the pinned fingerprints
 * (shared/test/views/fingerprints.json) watch.
 */
import { config } from './config/fold.js';
import { creatorDashboard } from './creator-dashboard/fold.js';
import { creatorProfile } from './creator-profile/fold.js';
import { dmConfig } from './dm-config/fold.js';
import { fanWallet } from './fan-wallet/fold.js';
import { message } from './message/fold.js';
import { referralDashboard } from './referral-dashboard/fold.js';
import type { View } from './view.js';

export const views = { creatorDashboard, creatorProfile, dmConfig, referralDashboard, message, fanWallet, config };

export type ViewName = keyof typeof views;

type DocumentOf<V> = V extends View<infer D> ? D : never;

/** What each view's documents are, by its name. */
export type Views = { readonly [V in ViewName]: DocumentOf<(typeof views)[V]> };
