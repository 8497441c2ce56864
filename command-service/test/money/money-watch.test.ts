/** The watch of the money: what it tells, what it does not take for a difference, and what follows. */
import {
  decode,
  encode,
  type DomainEvent,
  type EventNamed,
  type Recorded,
} from '@creator-dashboards/shared/events/index';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import { policyFeed } from '@creator-dashboards/shared/feed/policies';
import { newId } from '@creator-dashboards/shared/ids';
import type { NewEvent } from '@creator-dashboards/shared/ports';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { configuration } from '../../src/features/config.js';
import { ledger } from '../../src/features/ledger.js';
import { messages } from '../../src/features/messages.js';
import { money } from '../../src/features/money.js';
import { owedAfter } from '../../src/lookups/money-flows.js';
import { processDyingBeforeTheAnswer } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin, creatorPerson, happened, person } from './people.js';

const features = [messages, money, ledger, configuration];

interface Found {
  readonly account: string;
  readonly kind: string;
}

describe('The watch of the money', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features });
    await h.catchUp(); // policies begin at the empty log
  });
  afterEach(() => h.close());

  /** Lets everything see everything, and looks. */
  async function look(): Promise<void> {
    await h.catchUp();
    await h.tick();
    await h.catchUp();
  }
  /** Of a log that may hold what cannot be read. */
  async function differences(): Promise<readonly Recorded<EventNamed<'MoneyDifferenceFound'>>[]> {
    const log = await h.service.events.readAll({ after: 0n, limit: 10_000 });
    const told = log.filter(({ type }) => type === 'MoneyDifferenceFound');
    return told.map(decode) as Recorded<EventNamed<'MoneyDifferenceFound'>>[];
  }
  const found = async (): Promise<Found[]> =>
    (await differences()).map(({ data: { account, kind } }) => ({ account, kind }));
  const item = async () => (await differences()).at(-1)?.data.item ?? '';
  const switches = async () =>
    (await h.log('killSwitch-PAYOUT')).map(({ type, data }) => [type, 'item' in data ? data.item : undefined]);

  const moved = (amount: string, before: string, after: string) => ({ amount, before, after });

  /** A fan who has loaded 25.00 as people do. */
  async function fan() {
    const { userId } = await person(h);
    const sessionId = newId();
    const toWallet = (...events: DomainEvent[]) => happened(h, `fanWallet-${userId}`, { userId }, events);
    const toCheckout = (...events: DomainEvent[]) => happened(h, `checkout-${sessionId}`, { userId }, events);
    await toCheckout({ type: 'CheckoutCompleted', data: { sessionId, userId, amount: '25.00' } });
    await look();
    return { userId, sessionId, wallet: `fanWallet-${userId}`, toWallet, toCheckout };
  }

  /** A message from this fan, as its stream tells it. */
  function message(fanId: string) {
    const [messageId, creatorUserId, creatorId] = [newId(), newId(), newId()];
    const keys = { messageId, fanId, creatorId, creatorUserId };
    return {
      messageId,
      tell: (...events: DomainEvent[]) => happened(h, `message-${messageId}`, keys, events),
      abandoned: { type: 'MessageAbandoned', data: { ...keys, code: 'message.send.error.interrupted' } } as DomainEvent,
    };
  }

  const adjusted = (before: string, after: string, amount = '1.00'): DomainEvent => ({
    type: 'WalletAdjusted',
    data: { direction: 'CREDIT', ...moved(amount, before, after) },
  });

  describe('tells of', () => {
    it('a movement that does not begin where the one before it ended, once', async () => {
      const { wallet, toWallet } = await fan();
      await toWallet(adjusted('30.00', '31.00'));
      await look();
      expect(await found()).to.deep.equal([{ account: wallet, kind: 'CHAIN' }]);
      await toWallet(adjusted('31.00', '32.00'));
      await look();
      expect(await found()).to.have.length(1);
    });

    it('a movement whose end is not its beginning and its amount', async () => {
      const { wallet, toWallet } = await fan();
      await toWallet(adjusted('25.00', '27.00'));
      await look();
      expect(await found()).to.deep.equal([{ account: wallet, kind: 'SUM' }]);
    });

    it('a settlement whose parts are not its gross, in the wallet and in the message', async () => {
      const { userId, toWallet } = await fan();
      const creator = await creatorPerson(h);
      const { messageId, tell } = message(userId);
      const settlement = { gross: '10.00', commission: '2.00', net: '8.50' };
      await toWallet({ type: 'EscrowHeld', data: { messageId, ...moved('10.00', '25.00', '15.00') } });
      await toWallet({ type: 'EscrowReleased', data: { messageId, ...moved('10.00', '15.00', '15.00') } });
      const credited = { messageId, ...settlement, before: '0.00', after: '8.50' };
      const creatorWallet = `creatorWallet-${creator.userId}`;
      const { userId: creatorUserId, creatorId } = creator;
      await happened(h, creatorWallet, { userId: creatorUserId, creatorId }, [
        { type: 'EarningsCredited', data: credited },
      ]);
      await tell({ type: 'MessageCompleted', data: { completedAt: h.now(), settlement } });
      await h.service.lookups.reached(await h.service.events.head());
      await h.tick();
      expect(await found()).to.have.deep.members([
        { account: creatorWallet, kind: 'SETTLEMENT' },
        { account: `message-${messageId}`, kind: 'SETTLEMENT' },
      ]);
    });

    it('a wallet below zero without a chargeback', async () => {
      const { wallet, toWallet } = await fan();
      const { messageId } = message(newId());
      await toWallet({ type: 'EscrowHeld', data: { messageId, ...moved('30.00', '25.00', '-5.00') } });
      await look();
      expect(await found()).to.deep.equal([{ account: wallet, kind: 'OVERDRAWN' }]);
    });

    it('an escrow that gives more than it holds', async () => {
      const { toWallet } = await fan();
      const { messageId } = message(newId());
      await toWallet(
        { type: 'EscrowHeld', data: { messageId, ...moved('10.00', '25.00', '15.00') } },
        { type: 'EscrowRefunded', data: { messageId, ...moved('12.00', '15.00', '27.00') } },
      );
      await look();
      expect(await found()).to.deep.equal([{ account: `escrow-${messageId}`, kind: 'OVERDRAWN' }]);
    });

    it('money loaded twice for one payment', async () => {
      const { sessionId, toWallet } = await fan();
      await toWallet({ type: 'FundsLoaded', data: { sessionId, ...moved('25.00', '25.00', '50.00') } });
      await look();
      expect(await found()).to.deep.equal([{ account: `load-${sessionId}`, kind: 'OVERDRAWN' }]);
    });

    it('a payout that was paid in part only', async () => {
      const { userId, creatorId } = await creatorPerson(h);
      const payoutId = newId();
      const keys = { userId, creatorId };
      await happened(h, `creatorWallet-${userId}`, keys, [
        adjusted('0.00', '20.00', '20.00'),
        { type: 'PayoutDebited', data: { payoutId, ...moved('20.00', '20.00', '0.00') } },
      ]);
      const paid = { payoutId, amount: '15.00', at: h.now() };
      await happened(h, `payoutBook-${creatorId}`, { ...keys, payoutId }, [{ type: 'PayoutProcessed', data: paid }]);
      await look();
      expect(await found()).to.deep.equal([{ account: `payout-${payoutId}`, kind: 'OWED' }]);
    });

    it('a type of event that nobody knows, and of what stands still behind it', async () => {
      const { userId, wallet } = await fan();
      await unknown(wallet, { userId });
      const second = newId();
      await happened(h, `checkout-${second}`, { userId }, [
        { type: 'CheckoutCompleted', data: { sessionId: second, userId, amount: '5.00' } },
      ]);
      await look();
      expect(await found()).to.have.deep.members([
        { account: `moneyWallets/${wallet}`, kind: 'UNKNOWN' },
        { account: `moneyFlows/${wallet}`, kind: 'UNKNOWN' },
        { account: `policy.funds/${userId}`, kind: 'PARKED' },
        { account: `load-${second}`, kind: 'OWED' },
      ]);
    });

    it('the newest of more than 200 accounts, whatever became of the others', async () => {
      const wallet = async () => {
        const userId = newId();
        await happened(h, `fanWallet-${userId}`, { userId }, [adjusted('5.00', '6.00')]);
        return `fanWallet-${userId}`;
      };
      for (let n = 0; n < 201; n += 1) await wallet();
      await look();
      expect(await found()).to.have.length(201);
      const account = await wallet();
      await look();
      expect((await found()).slice(201)).to.deep.equal([{ account, kind: 'CHAIN' }]);
    });

    it('a hold that its sender did not give back within two minutes of its message having been closed', async () => {
      const { userId, toWallet } = await fan();
      const { messageId, tell, abandoned } = message(userId);
      await tell(abandoned);
      await look();
      await toWallet({ type: 'EscrowHeld', data: { messageId, ...moved('10.00', '25.00', '15.00') } });
      await look();
      await h.advance(MINUTE);
      await look();
      expect(await found()).to.deep.equal([]);
      await h.advance(MINUTE);
      await look();
      expect(await found()).to.deep.equal([{ account: `escrow-${messageId}`, kind: 'OWED' }]);
    });
  });

  /** Appends an event of an unknown type. */
  async function unknown(stream: string, keys: object): Promise<void> {
    const events = await h.service.events.readStream(stream);
    const last = events.at(-1);
    if (!last) throw new Error(`${stream} is empty`);
    const strange: NewEvent = {
      ...{ id: newId(), type: 'WalletTeleported', data: { amount: '1.00' } },
      metadata: { ...encode({ type: 'WalletFrozen', data: {} }, newId(), last.metadata).metadata, keys },
    };
    await h.service.events.append(stream, last.revision, [strange]);
  }

  /** Appends an event to a new stream whose data is not that of its type. */
  async function unreadable(stream: string, keys: object): Promise<void> {
    const { metadata } = encode({ type: 'WalletFrozen', data: {} }, newId(), (await h.log())[0]?.metadata as never);
    const broken = {
      id: newId(),
      type: 'CheckoutCompleted',
      data: {},
      metadata: { ...metadata, prevHash: null, keys },
    };
    await h.service.events.append(stream, 'no_stream', [broken]);
  }
  const stoppedBy = async () =>
    (await h.service.events.readStream('killSwitch-PAYOUT')).map(({ type, data }) => [type, data.item] as const);

  describe('takes for no difference', () => {
    it('what a policy that is behind has not moved yet', async () => {
      const { userId } = await person(h);
      const sessionId = newId();
      await happened(h, `checkout-${sessionId}`, { userId }, [
        { type: 'CheckoutCompleted', data: { sessionId, userId, amount: '25.00' } },
      ]);
      await h.service.lookups.reached(await h.service.events.head()); // look-ups alone
      for (let n = 0; n < 3; n += 1) await h.tick();
      await h.advance(10 * MINUTE);
      await look();
      expect(await found()).to.deep.equal([]);
      expect(await h.types(`fanWallet-${userId}`)).to.deep.equal(['WalletOpened', 'FundsLoaded']);
    });

    it('a hold of a message that died on its way and is undone later', async () => {
      const { userId, toWallet } = await fan();
      const { messageId, tell, abandoned } = message(userId);
      await toWallet({ type: 'EscrowHeld', data: { messageId, ...moved('10.00', '25.00', '15.00') } });
      await h.advance(10 * MINUTE);
      await look();
      await tell(abandoned);
      await look();
      expect((await h.types(`fanWallet-${userId}`)).at(-1)).to.equal('EscrowVoided');
      expect(await found()).to.deep.equal([]);
    });

    it('a load that was charged back below zero and written off when its owner was erased', async () => {
      const { userId, sessionId, toWallet, toCheckout } = await fan();
      const { messageId } = message(userId);
      await toWallet({ type: 'EscrowHeld', data: { messageId, ...moved('10.00', '25.00', '15.00') } });
      await toCheckout({ type: 'CheckoutChargedBack', data: { sessionId, userId, amount: '25.00' } });
      await look();
      await toWallet({ type: 'WalletWrittenOff', data: moved('10.00', '-10.00', '0.00') });
      await look();
      expect(await h.types(`fanWallet-${userId}`)).to.include.members(['ChargebackDebited', 'WalletFrozen']);
      expect(await found()).to.deep.equal([]);
    });
  });

  it('judges the whole log anew when the read store was lost, and tells only what was never told', async () => {
    const { wallet, toWallet } = await fan();
    await toWallet(adjusted('30.00', '31.00'));
    await look();
    await toWallet(adjusted('32.00', '33.00')); // nobody looks before the read store is lost
    expect(await found()).to.have.length(1);
    const { events, keys } = h.service;
    const again = await createHarness({
      features,
      events: (own) => ({ ...events, close: () => own.close() }),
      keys: (own) => ({ ...keys, close: () => own.close() }),
    });
    const [last] = await events.readAll({ after: (await events.head()) - 1n, limit: 1 });
    const atHead = { position: last?.position ?? 0n, eventId: last?.id ?? null, token: 0, owner: '', beat: 0 };
    const policies = features.flatMap((feature) => feature.policies);
    await again.service.reads.declare(CHECKPOINTS, []);
    await again.service.reads.write(
      CHECKPOINTS,
      policies.map(({ name }) => ({ document: { _id: policyFeed(name), ...atHead }, expected: null })),
    );
    for (let looks = 0; looks < 2; looks += 1) {
      await again.catchUp();
      await again.tick();
    }
    await again.close();
    const twice = { account: wallet, kind: 'CHAIN' };
    expect(await found()).to.deep.equal([twice, twice]);
  });

  describe('stops payouts', () => {
    const turn = (engaged: boolean) => ({
      ...{ as: admin, params: { name: 'PAYOUT' } },
      body: { engaged, reason: 'looked into it' },
    });
    const acknowledge = async (what: string) =>
      h.call('POST /admin/money/differences/:item/acknowledge', {
        ...{ as: admin, params: { item: what }, body: { reason: 'a test made it' } },
      });
    const RELEASE = 'PUT /admin/kill-switches/:name';

    it('at once, naming the difference, and until it is acknowledged', async () => {
      const { toWallet } = await fan();
      await toWallet(adjusted('30.00', '31.00'));
      await h.catchUp();
      await h.tick();
      const first = await item();
      expect(await switches()).to.deep.equal([['KillSwitchEngaged', first]]);
      await h.catchUp();
      await h.refused('admin.money.difference_open', RELEASE, turn(false));
      await acknowledge(first);
      await h.call(RELEASE, turn(false));
      await look();
      expect((await switches()).map(([type]) => type)).to.deep.equal(['KillSwitchEngaged', 'KillSwitchReleased']);
      expect(await found()).to.have.length(1);
    });

    it('that a release whose answer was lost had let through, and repeats its result', async () => {
      await h.call(RELEASE, turn(true));
      const release = { ...turn(false), key: 'key-1' };
      const dead = processDyingBeforeTheAnswer(h.service, features).call(RELEASE, release);
      expect(await dead.catch((error: unknown) => String(error))).to.equal('Error: died');
      await (await fan()).toWallet(adjusted('30.00', '31.00'));
      await look();
      const told = await switches();
      expect(told.map(([type]) => type)).to.deep.equal([
        'KillSwitchEngaged',
        'KillSwitchReleased',
        'KillSwitchEngaged',
      ]);
      await h.call(RELEASE, release);
      expect(await switches()).to.deep.equal(told);
    });

    type Kind = EventNamed<'MoneyDifferenceFound'>['data']['kind'];
    const planted: Readonly<Record<Kind, () => Promise<void>>> = {
      async CHAIN() {
        await (await fan()).toWallet(adjusted('30.00', '31.00'));
      },
      async SUM() {
        await (await fan()).toWallet(adjusted('25.00', '27.00'));
      },
      async SETTLEMENT() {
        const { tell } = message((await fan()).userId);
        const settlement = { gross: '10.00', commission: '2.00', net: '8.50' };
        await tell({ type: 'MessageCompleted', data: { completedAt: h.now(), settlement } });
      },
      async OVERDRAWN() {
        const { toWallet } = await fan();
        const held = { messageId: newId(), ...moved('30.00', '25.00', '-5.00') };
        await toWallet({ type: 'EscrowHeld', data: held });
      },
      /** An escrow that holds something after its policy has passed the end of the message: the policy thought it done. */
      async OWED() {
        const { userId, toWallet } = await fan();
        const { messageId, tell } = message(userId);
        await toWallet({ type: 'EscrowHeld', data: { messageId, ...moved('10.00', '25.00', '15.00') } });
        await tell({ type: 'MessageExpired', data: { expiredAt: h.now(), amount: null } });
      },
      async UNKNOWN() {
        const { userId, wallet } = await fan();
        await unknown(wallet, { userId });
      },
      /** A load that cannot be credited. */
      async PARKED() {
        const { userId } = await fan();
        const checkout = newId();
        await unreadable(`checkout-${checkout}`, { userId });
      },
    };

    for (const [kind, plant] of Object.entries(planted))
      it(`within a second of a difference of the kind ${kind}, naming it`, async () => {
        await h.close();
        const clock = createManualTime(Date.parse('2026-04-29T20:00:00.000Z'));
        h = await createHarness({ features, clock });
        await h.start(() => undefined);
        await plant();
        expect(await stoppedBy()).to.deep.equal([]);
        await clock.advance(SECOND - 1);
        const told = (await differences()).filter(({ data }) => data.kind === kind);
        const [[type, named] = [], ...others] = await stoppedBy();
        const stopped = h.stop();
        await clock.advance(SECOND);
        await stopped;
        expect(told, kind).to.have.length.greaterThan(0);
        expect([type, others]).to.deep.equal(['KillSwitchEngaged', []]);
        expect((await differences()).map(({ data }) => data.item)).to.include(named);
      });

    it('again for another difference, not for one that is acknowledged', async () => {
      const { toWallet } = await fan();
      await toWallet(adjusted('30.00', '31.00'));
      await look();
      await acknowledge(await item());
      await h.call(RELEASE, turn(false));
      await toWallet(adjusted('41.00', '42.00'));
      await look();
      expect((await switches()).at(-1)).to.deep.equal(['KillSwitchEngaged', await item()]);
      expect(await found()).to.have.length(2);
    });

    it('again after a release that did not know of the difference', async () => {
      const { toWallet } = await fan();
      await toWallet(adjusted('30.00', '31.00'));
      await look();
      await happened(h, 'killSwitch-PAYOUT', { configKey: 'kill_switch.PAYOUT' }, [
        { type: 'KillSwitchReleased', data: { name: 'PAYOUT' } },
      ]);
      await look();
      expect((await switches()).at(-1)).to.deep.equal(['KillSwitchEngaged', await item()]);
    });

    it('not twice where somebody has stopped them before, nor is a difference acknowledged twice', async () => {
      await h.call(RELEASE, turn(true));
      const { toWallet } = await fan();
      await toWallet(adjusted('30.00', '31.00'));
      await look();
      expect(await switches()).to.deep.equal([['KillSwitchEngaged', null]]);
      await acknowledge(await item());
      await h.refused('admin.money.already_acknowledged', 'POST /admin/money/differences/:item/acknowledge', {
        ...{ as: admin, params: { item: await item() }, body: { reason: 'again' } },
      });
      await h.refused('admin.money.unknown_difference', 'POST /admin/money/differences/:item/acknowledge', {
        ...{ as: admin, params: { item: newId() }, body: { reason: 'which?' } },
      });
    });
  });

  it('names policies that react to the events after which they owe a movement', () => {
    const policies = features.flatMap((feature) => feature.policies);
    for (const [type, name] of Object.entries(owedAfter)) {
      if (name === null) continue;
      const owing = policies.find((policy) => policy.name === name);
      expect(owing?.on, `${name} after ${type}`).to.include(type);
    }
  });

  it('looks at nothing while nothing moves', async () => {
    await fan();
    await look();
    const { reads } = h.service;
    let finds = 0;
    const original = reads.find.bind(reads);
    Object.assign(reads, { find: (...args: Parameters<typeof original>) => ((finds += 1), original(...args)) });
    const before = finds;
    await ledger.watches?.[0]?.run(h.service, h.now());
    await h.advance(SECOND);
    expect(finds).to.equal(before);
  });
});
