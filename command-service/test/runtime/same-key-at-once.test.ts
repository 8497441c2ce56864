/** A command that two processes run at the same time under one key is one command: both answer its first result (domain 9.7). */
import { bioPageIdOf, creatorIdOf } from '@creator-dashboards/shared/ids';
import type { EventStore } from '@creator-dashboards/shared/ports';
import type { RouteResponse } from '@creator-dashboards/shared/http/route';
import { expect } from 'chai';
import type { Call } from '../../src/http/call-route.js';
import { anotherProcess, openPeople, registration, someName, type People, type Person } from '../users/people.js';

describe('Two processes that run a command under one Idempotency-Key (9.7)', function () {
  let people: People;
  before(async () => {
    people = await openPeople();
  });
  after(() => people.close());

  /** The log, with `meanwhile` run before its n-th use. */
  function pausedAt(turn: number, meanwhile: () => Promise<unknown>): EventStore & { uses(): number } {
    const { events } = people.service;
    let uses = 0;
    const use = async () => {
      uses += 1;
      if (uses === turn) await meanwhile();
    };
    return {
      ...events,
      uses: () => uses,
      async append(...batch) {
        await use();
        return events.append(...batch);
      },
      async readStream(...place) {
        await use();
        return events.readStream(...place);
      },
    };
  }

  /**
   * One process pauses at each of its uses of the log in turn, while another runs the whole command. Both answer the same, and exactly one
   * event of this type is written. `prepare` makes the call, for someone new each time.
   */
  async function once(row: string, prepare: () => Promise<Call>, event: string): Promise<void> {
    let turn = 1;
    for (; ; turn += 1) {
      const call = { ...(await prepare()), key: someName() };
      const before = (await people.types()).length;
      let first: RouteResponse | undefined;
      const events = pausedAt(turn, async () => (first = await people.call(row, call)));
      const second = await anotherProcess(people, { events }).call(row, call);
      if (events.uses() < turn) break; // It completed before.
      expect(second, `stopped at its use ${turn} of the log`).to.deep.equal(first);
      expect((await people.types()).slice(before).filter((type) => type === event)).to.have.length(1);
    }
    expect(turn, 'stops that were tried').to.be.greaterThan(2);
  }

  async function creator(): Promise<Person & { readonly creatorId: string }> {
    const person = await people.register({ username: someName() });
    await people.call('POST /creators/upgrade', { as: person, body: { displayName: 'Alice' } });
    return { ...person, creatorId: creatorIdOf(person.userId) };
  }

  async function link(person: Person & { readonly creatorId: string }): Promise<string> {
    const body = { title: 'A page', url: 'https://example.org' };
    const params = { creatorId: person.creatorId };
    return (await people.data('POST /creators/:creatorId/links', { as: person, params, body })).id as string;
  }

  async function paying(amount: string): Promise<Person> {
    const as = await people.register({ username: someName() });
    const { sessionId } = await people.data('POST /wallet/load', { as, body: { amount } });
    await people.call('POST /webhooks/payments', {
      body: { id: someName(), type: 'checkout.completed', sessionId, amount },
    });
    return as;
  }

  it('register one user', () =>
    once('POST /auth/register', async () => ({ body: registration({ username: someName() }) }), 'UserRegistered'));

  it('rename once', () =>
    once(
      'PATCH /users/username',
      async () => ({ as: await people.register({ username: someName() }), body: { username: someName() } }),
      'UsernameChanged',
    ));

  it('create one creator', () =>
    once(
      'POST /creators/upgrade',
      async () => ({ as: await people.register(), body: { displayName: 'Alice', username: someName() } }),
      'CreatorUpgraded',
    ));

  it('start one identity check', () =>
    once('POST /creators/kyc/start', async () => ({ as: await creator() }), 'KycStarted'));

  it('connect one account', () =>
    once(
      'POST /creators/social/connect',
      async () => ({
        as: await creator(),
        body: { platform: 'X', code: someName(), redirectUri: 'https://example.org/back' },
      }),
      'SocialAccountConnected',
    ));

  it('change a link once', () =>
    once(
      'PATCH /creators/links/:linkId',
      async () => {
        const as = await creator();
        return { as, params: { linkId: await link(as) }, body: { title: 'Another' } };
      },
      'BioLinkUpdated',
    ));

  it('remove a link once', () =>
    once(
      'DELETE /creators/links/:linkId',
      async () => {
        const as = await creator();
        return { as, params: { linkId: await link(as) } };
      },
      'BioLinkRemoved',
    ));

  it('start one checkout', () =>
    once(
      'POST /wallet/load',
      async () => ({ as: await people.register(), body: { amount: '10.00' } }),
      'CheckoutStarted',
    ));

  it('send one message, which the wallet can pay only once', async () => {
    const to = await creator();
    const { creatorId } = to;
    const dm = { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true };
    await people.call('PATCH /creators/:creatorId/dm-config', { as: to, params: { creatorId }, body: dm });
    const body = { creatorId, dmType: 'PER_MESSAGE', content: 'Hello' };
    await once('POST /messages', async () => ({ as: await paying('10.00'), body }), 'MessageSent');
  });

  it('repeat the answer of a link change, even after the link was removed', async () => {
    const as = await creator();
    const params = { linkId: await link(as) };
    const change = { as, params, body: { title: 'Another' }, key: someName() };
    const first = await people.call('PATCH /creators/links/:linkId', change);
    await people.call('DELETE /creators/links/:linkId', { as, params });
    expect(await people.call('PATCH /creators/links/:linkId', change)).to.deep.equal(first);
    const page = await people.types(`bioPage-${bioPageIdOf(as.userId)}`);
    expect(page).to.deep.equal(['BioLinkAdded', 'BioLinkUpdated', 'BioLinkRemoved']);
  });
});
