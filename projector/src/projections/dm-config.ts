/** GET /creators/:creatorId/dm-config. The flag is raw: vacations leave it alone (domain 1.3). */
import type { Fold } from '@creator-dashboards/shared/fold';
import { toCents } from '@creator-dashboards/shared/money';
import type { DmConfigDocument } from '@creator-dashboards/shared/views';

export const dmConfig: Fold<DmConfigDocument> = {
  name: 'dmConfig',
  version: 1,
  categories: ['creator'],
  keyOf: ({ metadata: { keys } }) => keys.creatorId,
  initial: { userId: '', dmType: null, dmPrice: null, dmActive: false, deletedAt: null }, // CreatorUpgraded names the owner
  handlers: {
    CreatorUpgraded: (config, { data }) => ({ ...config, userId: data.userId }),
    DmConfigUpdated: (config, { data }) => ({
      ...config,
      dmType: data.dmType,
      dmPrice: data.dmPrice === null ? null : toCents(data.dmPrice),
      dmActive: data.dmActive,
    }),
    CreatorDeleted: (config, { data }) => ({ ...config, deletedAt: data.deletedAt }),
  },
};
