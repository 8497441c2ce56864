import type { Accessor } from '@creator-dashboards/shared/access/record';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { pastRoutes } from '../src/audit/past.js';

const creatorId = creatorIdOf(userId);
const auditor = { userId: '7c9e6679-7425-40de-944b-e07fc1f90ae7', role: 'AUDITOR' } as const;
const upgraded = {
  ...{ id: '0f8fad5b-d9cb-469f-a165-70867728950e', stream: `creator-${creatorId}`, type: 'CreatorUpgraded' },
  ...{ revision: 0n, position: 5n, metadata: metadata({ keys: { userId, creatorId } }) },
  data: {
    ...{ creatorId, userId, bioPageId: creatorId, displayName: null, bio: null, username: null, usernameDigest: null },
    ...{ templateId: null, template: null, createdAt: '2026-05-01T10:00:00.000Z' },
  },
};
const sealOf = {
  ...{ subject: userId, keyId: '0123456789abcdef', nonce: 'AAAAAAAAAAAAAAAA' },
  ...{ ciphertext: 'c2VhbGVk', tag: 'dGFnIG9mIDE2IGJ5dGVzIQ==' },
};
Object.assign(upgraded.data, { displayName: sealOf, bio: sealOf });

/** The routes of the past, and what they had recorded when they answered. */
function open(fails = false) {
  const seen: unknown[] = [];
  const note = ({ actor, reason }: Accessor, ...what: unknown[]) => {
    if (fails) throw new StoreUnavailable('the log', 'is away');
    seen.push([actor.userId, reason, ...what]);
  };
  const routes = pastRoutes({
    ...{ events: logOf([upgraded]), index: memoryAuditIndex(), views },
    sealer: { open: async () => null, isErased: async () => false, forget: () => undefined },
    access: {
      historyRead: note,
      async revealed(...what) {
        note(...what);
        return 0n;
      },
    },
  });
  return {
    seen,
    async ask(name: string, view: string, key: string, query: object = { reveal: false }) {
      const found = routes.find(({ path }) => path.includes(name));
      const params = { view, key };
      const asked = { actor: auditor, method: 'GET', template: found?.path, correlationId: 'c', params, query };
      return found?.handle(asked as never);
    },
  };
}

describe('Who saw what of the past', () => {
  it('is counted for each person, by route: of DM settings, for their owner', async () => {
    const { seen, ask } = open();
    await ask('as-of', 'creatorDashboard', userId);
    await ask('diff', 'dmConfig', creatorId);
    await ask('explain', 'referralDashboard', userId, { reveal: false, field: 'totalEarnings' });
    await ask('as-of', 'config', 'config');
    await ask('as-of', 'message', creatorId);
    expect(seen).to.deep.equal([
      [auditor.userId, null, 'GET /admin/as-of/:view/:key', userId],
      [auditor.userId, null, 'GET /admin/diff/:view/:key', userId],
      [auditor.userId, null, 'GET /admin/explain/:view/:key', userId],
    ]);
  });

  const revealing = { reveal: true, reason: 'she asked', position: 5n };

  it('is recorded with its reason, before personal data is revealed', async () => {
    const { seen, ask } = open();
    await ask('as-of', 'creatorProfile', userId, revealing);
    const asked = { view: 'creatorProfile', key: userId, position: 5n };
    expect(seen).to.deep.equal([[auditor.userId, 'she asked', 'GET /admin/as-of/:view/:key', userId, asked]]);
  });

  it('is answered nothing that could not be recorded', async () => {
    const { ask } = open(true);
    for (const query of [revealing, { reveal: false }]) {
      const error: unknown = await ask('as-of', 'creatorProfile', userId, query).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(StoreUnavailable);
    }
  });
});
