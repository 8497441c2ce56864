/** GET /creators/:creatorId/dm-config. dmActive is as the creator set it: a vacation does not change it (domain 1.3). */
import { toCents } from '../../money.js';
import type { DmConfigDocument } from './document.js';
import type { View } from '../view.js';

export const dmConfig: View<DmConfigDocument> = {
  name: 'dmConfig',
  version: 1,
  partition: 'streamSuffix',
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
