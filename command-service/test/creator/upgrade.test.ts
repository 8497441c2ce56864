import { expect } from 'chai';
import { creator, creatorStream, digestsInUse } from '../../src/domain/creator/creator.js';
import { given } from '../support/decider.js';
import { at, bioPageId, creatorId, digestOf, idOf, later, sealed, upgraded, userId } from './samples.js';

const upgrade = {
  type: 'Upgrade',
  creatorId,
  userId,
  bioPageId,
  commandId: idOf(1),
  displayName: sealed<string>('Alice'),
  bio: sealed<string>('I paint.'),
  username: sealed<string>('alice'),
  usernameDigest: digestOf('a'),
  template: null,
  at,
} as const;
const abandoned = {
  type: 'CommandAbandoned',
  data: { commandId: idOf(1), userId, code: 'creator.upgrade.interrupted' },
} as const;
const abandon = {
  type: 'Abandon',
  creatorId,
  userId,
  commandId: idOf(1),
  code: 'creator.upgrade.interrupted',
  reserved: [digestOf('a')],
} as const;

describe('The creator aggregate: upgrade', () => {
  it('creates the profile', () => {
    given(creator).when(upgrade).then(upgraded);
  });

  it('copies the whole template into the event', () => {
    const template = {
      id: idOf(7),
      name: 'Dark',
      description: null,
      tokens: { background: '#000' },
      thumbnail: null,
      active: true,
      sortOrder: 0,
      createdAt: at,
      updatedAt: at,
    };
    given(creator)
      .when({ ...upgrade, template })
      .then({ ...upgraded, data: { ...upgraded.data, templateId: idOf(7), template } });
  });

  it('starts with default values, DMs never configured and off (G6)', () => {
    expect(given(creator, upgraded).state).to.include({
      exists: true,
      status: 'ACTIVE',
      level: 'BRONZE',
      levelPinned: false,
      kycStatus: 'NOT_STARTED',
      stripe: null,
      bankDetails: null,
      preferredPayoutMethod: null,
      autoPayoutEnabled: false,
      dmType: null,
      dmPrice: null,
      dmActive: false,
      vacationMode: false,
      deletedAt: null,
    });
  });

  it('writes the stream named after the creator', () => {
    expect(creatorStream(creatorId)).to.equal(`creator-${creatorId}`);
    expect(creator.streamOf(upgrade)).to.equal(`creator-${creatorId}`);
  });

  it("is possible once in a user's life (G33)", () => {
    given(creator, upgraded)
      .when({ ...upgrade, commandId: idOf(2) })
      .refused('creator.upgrade.already_creator');
    given(creator, upgraded, { type: 'CreatorDeleted', data: { deletedAt: later } })
      .when({ ...upgrade, commandId: idOf(2) })
      .refused('creator.upgrade.already_creator');
  });

  it('cannot finish once it was closed (G43), and repeats the error it was closed with', () => {
    given(creator, abandoned).when(upgrade).refused('creator.upgrade.interrupted');
  });

  it('is possible again after an earlier attempt was closed (G43)', () => {
    given(creator, abandoned)
      .when({ ...upgrade, commandId: idOf(2) })
      .then(upgraded);
  });
});

describe('The creator aggregate: closing an unfinished command', () => {
  it('knows which reserved values are in use: username and social accounts, none before the upgrade', () => {
    const connected = {
      type: 'SocialAccountConnected',
      data: { userId, platform: 'X', accountDigest: digestOf('c'), followerCount: 1 },
    } as const;
    expect(digestsInUse(given(creator).state)).to.deep.equal([]);
    expect(digestsInUse(given(creator, upgraded, connected).state)).to.deep.equal([digestOf('a'), digestOf('c')]);
  });

  it('closes an unfinished command once', () => {
    given(creator).when(abandon).then(abandoned);
    given(creator, abandoned).when(abandon).nothing();
  });

  it('does nothing when the reserved value is in use, since the command had been decided', () => {
    given(creator, upgraded).when(abandon).nothing();
  });

  it('closes the slower of two upgrades, whose username is not in use', () => {
    given(creator, upgraded)
      .when({ ...abandon, commandId: idOf(2), reserved: [digestOf('b')] })
      .then({ ...abandoned, data: { ...abandoned.data, commandId: idOf(2) } });
  });

  it('puts the user and the would-be creator into the routing keys of a closed upgrade (9.1)', () => {
    const { state } = given(creator, abandoned);
    expect(creator.keysOf(state, abandon)).to.deep.equal({ userId, creatorId });
  });

  it('remembers the latest hundred closed commands', () => {
    const closed = (ordinal: number) =>
      ({ type: 'CommandAbandoned', data: { ...abandoned.data, commandId: idOf(ordinal) } }) as const;
    const full = given(creator, ...Array.from({ length: 101 }, (_, index) => closed(index)));
    full.when({ ...upgrade, commandId: idOf(100) }).refused('creator.upgrade.interrupted');
    full.when({ ...upgrade, commandId: idOf(1) }).refused('creator.upgrade.interrupted');
    full.when({ ...upgrade, commandId: idOf(0) }).then(upgraded);
  });
});

describe('The creator aggregate: every other command', () => {
  const settings = { type: 'UpdateDmConfig', creatorId, dmType: 'FREE', dmPrice: null, dmActive: true } as const;
  const dm = { ...settings, priceRange: { min: 100, max: 50_000 }, packageId: idOf(3) };

  it('is refused without a profile, with the error key of its own route', () => {
    given(creator).when(dm).refused('creator.dm.not_found');
    given(creator).when({ type: 'StopVacation', creatorId }).refused('creator.vacation.not_found');
    given(creator).when({ type: 'VerifyBankAccount', creatorId, at }).refused('creator.bank.not_found');
    given(creator).when({ type: 'Suspend', creatorId }).refused('error.creator.not_found');
    given(creator).when({ type: 'DisconnectSocial', creatorId, platform: 'X' }).refused('error.creator.not_found');
  });

  it('is refused as not found once the profile was deleted (G37)', () => {
    given(creator, upgraded, { type: 'CreatorDeleted', data: { deletedAt: later } })
      .when(dm)
      .refused('creator.dm.not_found');
  });
});
