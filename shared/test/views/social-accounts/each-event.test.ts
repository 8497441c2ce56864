import { expect } from 'chai';
import { presentSocialAccounts } from '../../../src/views/social-accounts/present.js';
import { socialAccounts } from '../../../src/views/social-accounts/fold.js';
import { at, creator, creatorUserId as userId, later } from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

const account = (followerCount: number, connectedAt: string) => ({ followerCount, connectedAt });

describe('socialAccounts: what each event changes', () => {
  const X = account(7, at);
  const full = { accounts: { X } };
  const now = '2026-05-04T10:00:00.000Z';
  const connected = { userId, platform: 'TIKTOK' as const, accountDigest: 'd', followerCount: 5 };
  eachEventChangesOnly(socialAccounts, full, [
    [creator('SocialAccountConnected', connected, now), { accounts: { X, TIKTOK: account(5, now) } }],
    [
      creator('SocialMetricsRefreshed', { userId, platform: 'X', followerCount: 9 }, now),
      { accounts: { X: account(9, at) } },
    ],
    [creator('SocialAccountDisconnected', { userId, platform: 'X', accountDigest: 'd' }), { accounts: {} }],
  ]);
});

describe('socialAccounts: present', () => {
  it('shows the oldest first, those of one time by their platform, and nothing of who has connected none', () => {
    const accounts = { X: account(1, later), TIKTOK: account(2, at), INSTAGRAM: account(3, at) };
    const { items } = presentSocialAccounts({ _id: userId, position: 1n, accounts });
    expect(items.map(({ platform, followerCount }) => [platform, followerCount])).to.deep.equal([
      ['INSTAGRAM', 3],
      ['TIKTOK', 2],
      ['X', 1],
    ]);
    expect(presentSocialAccounts(null)).to.deep.equal({ items: [] });
  });
});
