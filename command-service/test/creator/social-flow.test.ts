import { expect } from 'chai';
import { ZodError } from 'zod';
import { socialAccountStream } from '../../src/commands/creator-reservations.js';
import type { Harness } from '../support/harness.js';
import { becomeCreator, known, person, start, type CreatorPerson } from './flows.js';

describe('Social accounts of a creator', () => {
  const connect = 'POST /creators/social/connect';
  const disconnect = 'POST /creators/social/disconnect';
  const redirectUri = 'https://example.org/back';
  const account = (code: string, platform = 'TIKTOK') => ({ platform, code, redirectUri });

  let h: Harness;
  let alice: CreatorPerson;
  let verified: string[];
  beforeEach(async () => {
    verified = [];
    h = await start({
      providers: (simulators) => ({
        ...simulators,
        social: {
          /** Like real platforms it accepts a code only once; `code` is account and use: "bob#2". */
          async verify({ code }) {
            if (code === 'forged' || verified.includes(code)) throw new Error('invalid_grant');
            verified.push(code);
            const [accountId = ''] = code.split('#');
            return { accountId, followerCount: 1_000 };
          },
        },
      }),
    });
    alice = await becomeCreator(h);
  });
  afterEach(() => h.close());

  const reserved = (accountId: string) =>
    h.types(socialAccountStream('TIKTOK', h.service.digest('socialAccount', accountId)));

  it('are connected with the follower count that the platform confirms', async () => {
    const answer = await h.call(connect, { as: alice.as, body: account('painter') });
    expect(answer.status).to.equal(201);
    expect(answer.data).to.include({ platform: 'TIKTOK', followerCount: 1_000 });
    expect(await h.types(alice.stream)).to.deep.equal(['CreatorUpgraded', 'SocialAccountConnected']);
    expect(JSON.stringify((await h.log()).map(({ stream, data }) => [stream, data]))).not.to.contain('painter');
  });

  it('are refused when the platform does not confirm them', async () => {
    await h.refused('creator.social.verification_failed', connect, { as: alice.as, body: account('forged') });
    await h.refused('error.creator.not_found', connect, { as: await person(h), body: account('painter') });
    expect(verified).to.deep.equal([]);
  });

  it('are limited to one per platform', async () => {
    await h.call(connect, { as: alice.as, body: account('painter') });
    await h.refused('creator.social.already_connected', connect, { as: alice.as, body: account('other') });
    await h.refused('creator.social.already_connected', connect, { as: alice.as, body: account('painter#2') });
    expect(await reserved('other')).to.deep.equal([]);
    await h.call(connect, { as: alice.as, body: account('other', 'X') });
  });

  it('belong to one user at a time (G43)', async () => {
    const bob = await becomeCreator(h);
    await h.call(connect, { as: alice.as, body: account('painter') });
    await h.refused('creator.social.account_linked_elsewhere', connect, { as: bob.as, body: account('painter#2') });
    expect(await h.types(bob.stream)).to.deep.equal(['CreatorUpgraded']);
    await h.call(disconnect, { as: alice.as, body: { platform: 'TIKTOK' } });
    expect(await reserved('painter')).to.deep.equal(['Reserved', 'Released']);
    await h.call(connect, { as: bob.as, body: account('painter#3') });
    expect(await reserved('painter')).to.deep.equal(['Reserved', 'Released', 'Reserved']);
  });

  it('repeat the first answer to a retry, although the code is used up', async () => {
    const first = await h.data(connect, { as: alice.as, body: account('painter'), key: 'key' });
    expect(await h.data(connect, { as: alice.as, body: account('painter'), key: 'key' })).to.deep.equal(first);
    await h.call(disconnect, { as: alice.as, body: { platform: 'TIKTOK' } });
    const again = await h.data(connect, { as: alice.as, body: account('painter'), key: 'key' });
    expect(again).to.include({ platform: 'TIKTOK', followerCount: 1_000 });
    expect(await reserved('painter')).to.deep.equal(['Reserved', 'Released']);
  });

  it('are disconnected once', async () => {
    await h.refused('creator.social.not_found', disconnect, { as: alice.as, body: { platform: 'TIKTOK' } });
  });

  it('can be connected by others once the profile is deleted (G37)', async () => {
    await h.call(connect, { as: alice.as, body: account('painter') });
    await known(h, alice, { type: 'CreatorDeleted', data: { deletedAt: h.now() } });
    await h.catchUp();
    expect(await reserved('painter')).to.deep.equal(['Reserved', 'Released']);
  });

  it('are refused for unknown platforms', async () => {
    const error: unknown = await h.call(connect, { as: alice.as, body: account('painter', 'MYSPACE') }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(ZodError);
  });
});
