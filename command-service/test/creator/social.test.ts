import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { expect } from 'chai';
import { creator } from '../../src/domain/creator/creator.js';
import { given } from '../support/decider.js';
import { creatorId, digestOf, idOf, upgraded, userId } from './samples.js';

const connect = {
  type: 'ConnectSocial',
  creatorId,
  commandId: idOf(1),
  platform: 'TIKTOK',
  accountDigest: digestOf('c'),
  followerCount: 1_234,
} as const;
const connected: CreatorEvent = {
  type: 'SocialAccountConnected',
  data: { userId, platform: 'TIKTOK', accountDigest: digestOf('c'), followerCount: 1_234 },
};
const disconnected: CreatorEvent = {
  type: 'SocialAccountDisconnected',
  data: { userId, platform: 'TIKTOK', accountDigest: digestOf('c') },
};

describe('The creator aggregate: social accounts', () => {
  it('connects one account per platform', () => {
    given(creator, upgraded).when(connect).then(connected);
    given(creator, upgraded, connected)
      .when({ ...connect, commandId: idOf(2), accountDigest: digestOf('d') })
      .refused('creator.social.already_connected');
    given(creator, upgraded, connected)
      .when({ ...connect, commandId: idOf(2), platform: 'X', accountDigest: digestOf('d') })
      .then({
        type: 'SocialAccountConnected',
        data: { userId, platform: 'X', accountDigest: digestOf('d'), followerCount: 1_234 },
      });
  });

  it('disconnects a connected account, and can connect it again', () => {
    given(creator, upgraded, connected)
      .when({ type: 'DisconnectSocial', creatorId, platform: 'TIKTOK' })
      .then(disconnected);
    given(creator, upgraded)
      .when({ type: 'DisconnectSocial', creatorId, platform: 'TIKTOK' })
      .refused('creator.social.not_found');
    given(creator, upgraded, connected, disconnected)
      .when({ ...connect, commandId: idOf(2) })
      .then(connected);
  });

  it('cannot finish connecting after the connection attempt was closed (G43)', () => {
    given(creator, upgraded, {
      type: 'CommandAbandoned',
      data: { commandId: idOf(1), userId, code: 'creator.social.interrupted' },
    })
      .when(connect)
      .refused('creator.social.interrupted');
  });

  it('closes a connection attempt unless its account is in use', () => {
    const abandon = {
      type: 'Abandon',
      creatorId,
      userId,
      commandId: idOf(1),
      code: 'creator.social.interrupted',
      reserved: [digestOf('c')],
    } as const;
    given(creator, upgraded, connected).when(abandon).nothing();
    given(creator, upgraded)
      .when(abandon)
      .then({ type: 'CommandAbandoned', data: { commandId: idOf(1), userId, code: 'creator.social.interrupted' } });
  });

  it('records a new follower count for a connected account only', () => {
    const refreshed: CreatorEvent = {
      type: 'SocialMetricsRefreshed',
      data: { userId, platform: 'TIKTOK', followerCount: 2_000 },
    };
    expect(given(creator, upgraded, connected, refreshed).state.social.TIKTOK?.followerCount).to.equal(2_000);
    expect(given(creator, upgraded, refreshed).state.social).to.deep.equal({});
  });
});

describe('The creator aggregate: categories', () => {
  it('are exactly the ones the admin sets', () => {
    const categories = [{ id: idOf(5), name: 'Art' }];
    given(creator, upgraded)
      .when({ type: 'AssignCategories', creatorId, categories })
      .then({ type: 'CategoriesAssigned', data: { categories } });
  });
});
