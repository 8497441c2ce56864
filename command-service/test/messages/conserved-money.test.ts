/** Whatever happens, in whatever order: no message creates or loses money, and none has two outcomes. */
import type { EventType } from '@creator-dashboards/shared/events/index';
import { escrowOf } from '@creator-dashboards/shared/ledger/accounts';
import { balancesAfter } from '@creator-dashboards/shared/ledger/postings';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  admin,
  commissions,
  perMessage,
  refusalOf,
  openFixtures,
  singlePay,
  type Creator,
  type Person,
  type Fixtures,
} from './fixtures.js';

type Step =
  | { readonly do: 'send'; readonly fan: number; readonly creator: number; readonly flagged: boolean }
  | { readonly do: 'reply' | 'reject' | 'release' | 'refuse' | 'chargeBack'; readonly message: number }
  | { readonly do: 'price'; readonly creator: number; readonly price: number }
  | { readonly do: 'advance'; readonly minutes: number };

const two = fc.nat({ max: 1 });
const message = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('send' as const), fan: two, creator: two, flagged: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('reply' as const, 'reject' as const, 'release' as const, 'refuse' as const),
      message,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('chargeBack' as const), message }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('price' as const),
      creator: two,
      price: fc.integer({ min: 100, max: 999 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), minutes: fc.constantFrom(1, 24 * 60, 72 * 60) }),
  },
);

const OUTCOMES: readonly EventType[] = [
  'MessageReplied',
  'MessageRejected',
  'MessageExpired',
  'QuarantineUpheld',
  'QuarantineExpired',
];
const LOADED = '30.00';

describe('Money between two fans and two creators, in random histories', function () {
  let s: Fixtures;
  before(async () => {
    s = await openFixtures();
  });
  after(() => s.close());

  interface World {
    readonly fans: readonly Person[];
    readonly creators: readonly Creator[];
    readonly messages: {
      readonly id: string;
      readonly fan: Person;
      readonly creator: Creator;
      readonly price: string;
    }[];
  }

  async function perform(world: World, step: Step): Promise<void> {
    if (step.do === 'advance') {
      await s.advance(step.minutes * MINUTE);
      await s.tick();
      return;
    }
    if (step.do === 'send') {
      const [fan, creator] = [world.fans[step.fan] as Person, world.creators[step.creator] as Creator];
      const dmType = step.creator === 0 ? ('PER_MESSAGE' as const) : ('SINGLE_PAY' as const);
      const content = `${step.flagged ? 'quarantine-me' : 'hello'} ${world.messages.length}`;
      const sent = await s.send(fan, creator, { dmType, content }).catch(() => undefined);
      if (!sent) return;
      const { price } = await s.message(sent.messageId);
      world.messages.push({ id: sent.messageId, fan, creator, price: ((price ?? 100) / 100).toFixed(2) });
      return;
    }
    if (step.do === 'price') {
      const dm = step.creator === 0 ? perMessage : singlePay;
      await s.dmConfig(world.creators[step.creator] as Creator, dm((step.price / 100).toFixed(2)));
      return;
    }
    const target = world.messages[step.message % Math.max(world.messages.length, 1)];
    if (!target) return;
    const { id, fan, creator, price } = target;
    const acts = {
      reply: () => s.reply(creator, id),
      reject: () => s.reject(creator, id),
      release: () => s.judge(admin, id, 'release'),
      refuse: () => s.judge(admin, id, 'refuse'),
      chargeBack: () => s.chargeBack(id, price).then(() => s.unfreeze(fan)),
    };
    await refusalOf(acts[step.do]());
  }

  it('is conserved, and every message has at most one outcome', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const fans = [await s.fan(LOADED), await s.fan(LOADED)];
        const creators = [await s.creator(perMessage('4.35')), await s.creator(singlePay('7.77'))];
        const world: World = { fans, creators, messages: [] };
        const commissionsBefore = await commissions(s);
        for (const step of steps) await perform(world, step);
        await s.catchUp();

        const cents = (amounts: readonly string[]): Cents => amounts.reduce((sum, each) => sum + toCents(each), 0);
        const purses = await Promise.all(fans.map((fan) => s.purse(fan)));
        const inPurses = cents(purses.flatMap(({ balance, held }) => [balance, held]));
        const earned = cents(await Promise.all(creators.map((creator) => s.earned(creator))));
        const kept = (await commissions(s)) - commissionsBefore;
        let chargedBack = 0;
        let held = 0;
        for (const { id } of world.messages) {
          const types = await s.types(`message-${id}`);
          const { status, price } = await s.message(id);
          if (types.includes('MessageChargedBack')) chargedBack += price ?? 0;
          const outcomes = types.filter((type) => OUTCOMES.includes(type)).length;
          const closed = types.includes('MessageRefunded') || types.includes('MessageCompleted');
          const ends = types.findIndex((type) => type === 'MessageRefunded' || type === 'MessageCompleted');
          const chargedAt = types.indexOf('MessageChargedBack');
          const chargedEarly = chargedAt !== -1 && chargedAt < ends;
          expect(outcomes + Number(chargedEarly), types.join()).to.equal(closed ? 1 : 0);
          if (!closed && price !== null) held += price;
          expect(status).to.not.be.oneOf(['NONE', 'ABANDONED', 'PENDING', 'REPLIED', 'REJECTED', 'EXPIRED', 'UPHELD']);
        }
        expect(inPurses + earned + kept + chargedBack, 'all that was loaded').to.equal(2 * toCents(LOADED));
        expect(cents(purses.map((purse) => purse.held)), 'what is held is for what is open').to.equal(held);
        // The ledger says the same as the wallets.
        const booked = balancesAfter(await s.log());
        const inLedger = (account: string) => booked.get(account) ?? 0;
        for (const [n, fan] of fans.entries())
          expect(inLedger(`fanWallet-${fan.userId}`)).to.equal(toCents(purses[n]?.balance ?? ''));
        for (const creator of creators)
          expect(inLedger(`creatorWallet-${creator.userId}`)).to.equal(toCents(await s.earned(creator)));
        const inEscrow = world.messages.reduce((total, { id }) => total + inLedger(escrowOf(id)), 0);
        expect(inEscrow, 'what is in escrow').to.equal(held);
        for (const { id } of world.messages)
          expect([inLedger(`released-${id}`), inLedger(`chargeback-${id}`)]).to.deep.equal([0, 0]);
        // What is still open is settled at the end.
        await s.advance(72 * HOUR);
        await s.tick();
        for (const fan of fans) expect((await s.purse(fan)).held).to.equal('0.00');
      }),
      { numRuns: 10 },
    );
  });
});
