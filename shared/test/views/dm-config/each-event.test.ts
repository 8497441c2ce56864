import { dmConfig } from '../../../src/views/dm-config/fold.js';
import { at, creator, creatorUserId, idOf, later, strangerId, upgraded } from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('dmConfig: what each event changes', () => {
  const full = { userId: creatorUserId, dmType: 'SINGLE_PAY', dmPrice: 990, dmActive: true, deletedAt: at } as const;
  eachEventChangesOnly(dmConfig, full, [
    [upgraded, { userId: creatorUserId }, { userId: strangerId }],
    [
      creator('DmConfigUpdated', {
        dmType: 'FREE',
        dmPrice: null,
        dmActive: false,
        previous: { dmType: 'SINGLE_PAY', dmPrice: '9.90', dmActive: true },
        packageId: idOf(1),
      }),
      { dmType: 'FREE', dmPrice: null, dmActive: false },
    ],
    [creator('CreatorDeleted', { deletedAt: later }), { deletedAt: later }],
  ]);
});
