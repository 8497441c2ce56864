/** Claims of Idempotency-Keys (G45): what one key may do, and what is left of it. */
import { commandIdOf, newId } from '@creator-dashboards/shared/ids';
import type { Document } from '@creator-dashboards/shared/ports';
import { CLAIMS } from '@creator-dashboards/shared/claims';
import { HOUR } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { users } from '../../src/features/users.js';
import { happened, person } from '../money/people.js';
import { processDyingBeforeTheAnswer } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';

const AVATAR = 'PATCH /users/avatar';
const picture = (name: string) => ({ avatarUrl: `https://cdn.example.org/${name}.webp` });

describe('The claim of an Idempotency-Key', () => {
  let h: Harness;
  let as: Awaited<ReturnType<typeof person>>;
  beforeEach(async () => {
    h = await createHarness({ features: [users] });
    await h.catchUp(); // every policy's checkpoint stands before the first event
    as = await person(h);
  });
  afterEach(() => h.close());

  const claims = () => h.service.reads.find<Document>(CLAIMS, { limit: 100 });
  const avatars = async () =>
    (await h.types(`user-${as.userId}`)).filter((type) => type === 'UserAvatarChanged').length;

  const dyingBeforeTheAnswer = () => processDyingBeforeTheAnswer(h.service, [users]);

  it('repeats the answer, whatever has happened since, and writes nothing', async () => {
    const first = await h.call(AVATAR, { as, body: picture('a'), key: 'k' });
    await h.call(AVATAR, { as, body: picture('b') });
    expect(await h.call(AVATAR, { as, body: picture('a'), key: 'k' })).to.deep.equal(first);
    expect(await avatars()).to.equal(2);
  });

  it('holds the answer sealed, and no word of the request', async () => {
    await h.call(AVATAR, { as, body: picture('a'), key: 'a-key-of-hers' });
    const [claim] = await claims();
    const text = JSON.stringify(claim, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
    expect(claim).to.include({ state: 'done' });
    for (const word of ['a-key-of-hers', 'cdn.example.org', '"data"']) expect(text).to.not.include(word);
  });

  it('has an id that does not tell whoever guesses the key that she is right', async () => {
    await h.call(AVATAR, { as, body: picture('a'), key: 'a-key-of-hers' });
    const guess = commandIdOf(as.userId, 'PATCH', '/users/avatar', 'a-key-of-hers');
    expect((await claims()).map(({ _id }) => _id)).to.not.include(guess);
    const changed = (await h.log(`user-${as.userId}`)).at(-1);
    expect(changed?.type).to.equal('UserAvatarChanged');
    expect(changed?.metadata.commandId).to.equal((await claims())[0]?._id);
  });

  it('refuses the same key for another target, whether the first is still running or done', async () => {
    const [one, two] = [await person(h), await person(h)];
    const block = (userId: string, call = h.call) =>
      call('POST /users/block/:userId', { as, params: { userId }, key: 'k' });
    await block(one.userId, dyingBeforeTheAnswer().call).catch(() => undefined);
    const mismatch = ['common.idempotency_mismatch', 'POST /users/block/:userId'] as const;
    await h.refused(...mismatch, { as, params: { userId: two.userId }, key: 'k' });
    await block(one.userId);
    await h.refused(...mismatch, { as, params: { userId: two.userId }, key: 'k' });
  });

  it('takes the same fields in another order for the same request', async () => {
    const person = { password: 'Correct-horse-7', acceptTerms: true, acceptPrivacy: true, email: 'a@example.org' };
    const first = await h.data('POST /auth/register', { body: person, key: 'k' });
    const turned = Object.fromEntries(Object.entries(person).reverse());
    expect(await h.data('POST /auth/register', { body: turned, key: 'k' })).to.deep.equal(first);
  });

  it('keeps two people apart who register with one key', async () => {
    const person = { password: 'Correct-horse-7', acceptTerms: true, acceptPrivacy: true };
    const join = (email: string) => h.data('POST /auth/register', { body: { ...person, email }, key: 'k' });
    expect((await join('a@example.org'))['userId']).to.not.equal((await join('b@example.org'))['userId']);
  });

  it('lets a run that died be finished by the next one, however long its stream has grown since', async () => {
    const dead = dyingBeforeTheAnswer().call(AVATAR, { as, body: picture('a'), key: 'k' });
    await dead.catch(() => undefined);
    const changes = Array.from(
      { length: 450 },
      () => ({ type: 'UserAvatarChanged', data: { userId: as.userId, avatarUrl: null } }) as const,
    );
    for (const change of changes) await happened(h, `user-${as.userId}`, { userId: as.userId }, [change]);
    const answer = await h.data(AVATAR, { as, body: picture('a'), key: 'k' });
    expect(await avatars()).to.equal(451);
    const [, first] = await h.log(`user-${as.userId}`);
    expect(answer['position']).to.equal(first?.position.toString());
  });

  it('stays open after a refusal, so that a retry is decided again', async () => {
    const other = newId();
    const block = { as, params: { userId: other }, key: 'k' };
    await h.refused('error.user.not_found', 'POST /users/block/:userId', block);
    const [registered] = await h.log(`user-${as.userId}`);
    await happened(h, `user-${other}`, { userId: other }, [
      { type: 'UserRegistered', data: { ...(registered?.data as object), userId: other } as never },
    ]);
    await h.call('POST /users/block/:userId', block);
  });

  it('is forgotten 48 hours later, and not before', async () => {
    await h.call(AVATAR, { as, body: picture('a'), key: 'k' });
    await h.advance(48 * HOUR - 1);
    await h.tick();
    expect(await claims()).to.have.length(1);
    await h.advance(1);
    await h.tick();
    expect(await claims()).to.have.length(0);
  });

  it('is not made for a request that its schema refuses, nor without a key', async () => {
    await h.call(AVATAR, { as, body: { avatarUrl: 7 }, key: 'k' }).catch(() => undefined);
    await h.call(AVATAR, { as, body: picture('a') });
    expect(await claims()).to.deep.equal([]);
  });
});
