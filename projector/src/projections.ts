/** Every read model of the system, by name. A change of its handlers needs a raised version: test/fingerprints.json watches. */
import { configFold } from '@creator-dashboards/shared/platform-config';
import type { Fold } from '@creator-dashboards/shared/fold';
import type { ViewName, Views } from '@creator-dashboards/shared/views';
import { creatorDashboard } from './projections/creator-dashboard.js';
import { creatorProfile } from './projections/creator-profile.js';
import { dmConfig } from './projections/dm-config.js';
import { fanWallet } from './projections/fan-wallet.js';
import { message } from './projections/message.js';
import { referralDashboard } from './projections/referral-dashboard.js';

export const projections: { readonly [V in ViewName]: Fold<Views[V]> } = {
  creatorDashboard,
  creatorProfile,
  dmConfig,
  referralDashboard,
  message,
  fanWallet,
  config: configFold,
};

export const viewNames = Object.keys(projections) as readonly ViewName[];

export function isViewName(name: string): name is ViewName {
  return Object.hasOwn(projections, name);
}
