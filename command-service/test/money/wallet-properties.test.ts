/** What no sequence of commands may break: the balance is the sum of the events, and each event continues from the one before. */
import { isRefusal } from '@creator-dashboards/shared/errors';
import type { CreatorWalletEvent, FanWalletEvent } from '@creator-dashboards/shared/events/wallet';
import { CreatorId, CreatorUserId, FanId, newId } from '@creator-dashboards/shared/ids';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Decider } from '../../src/domain/decider.js';
import { creatorWallet, type CreatorWalletCommand } from '../../src/domain/creator-wallet.js';
import { fanWallet, type FanWalletCommand } from '../../src/domain/fan-wallet.js';

const ids = Array.from({ length: 4 }, () => newId());
const id = fc.constantFrom(...ids);
const amount = fc.integer({ min: 1, max: 3_000 });
const direction = fc.constantFrom('CREDIT' as const, 'DEBIT' as const);
const administration = [
  fc.record({ type: fc.constant('Adjust' as const), direction, amount }),
  fc.record({ type: fc.constantFrom('Freeze' as const, 'Unfreeze' as const) }),
];

const fanId = FanId(newId());
const owner = { userId: CreatorUserId(newId()), creatorId: CreatorId(newId()) };

const fanCommand: fc.Arbitrary<FanWalletCommand> = fc
  .oneof(
    fc.record({ type: fc.constant('LoadFunds' as const), sessionId: id, amount }),
    fc.record({ type: fc.constant('HoldEscrow' as const), messageId: id, amount }),
    fc.record({ type: fc.constant('DebitChargeback' as const), messageId: id, sessionId: fc.constant(null), amount }),
    fc.record({
      type: fc.constantFrom(
        'VoidEscrow' as const,
        'RefundEscrow' as const,
        'ReleaseEscrow' as const,
        'ChargeBackEscrow' as const,
      ),
      messageId: id,
    }),
    ...administration,
  )
  .map((command) => ({ ...command, userId: fanId }));

const earnings = fc.tuple(id, amount, fc.nat({ max: 100 })).map(([messageId, gross, percent]) => {
  const commission = Math.floor((gross * percent) / 100);
  return { messageId, gross, commission, net: gross - commission };
});
const creatorCommand: fc.Arbitrary<CreatorWalletCommand> = fc
  .oneof(
    fc
      .tuple(fc.constantFrom('CreditEarnings' as const, 'ReverseEarnings' as const), earnings)
      .map(([type, settled]) => ({ type, ...settled })),
    fc.record({ type: fc.constant('DebitPayout' as const), payoutId: id, amount }),
    fc.record({ type: fc.constant('ReturnPayout' as const), payoutId: id, amount }),
    ...administration,
  )
  .map((command) => ({ ...command, ...owner }));

/** All events that these commands produce, refusals producing none; `check` sees the state after each command. */
function run<S, C, E extends FanWalletEvent | CreatorWalletEvent>(
  decider: Decider<S, C, E>,
  commands: readonly C[],
  check: (state: S, command: C, decided: readonly E[]) => void,
): E[] {
  let state = decider.initial;
  const events: E[] = [];
  for (const command of commands) {
    const decided = decider.decide(command, state);
    if (isRefusal(decided)) continue;
    state = decided.reduce((folded, event) => decider.evolve(folded, event), state);
    events.push(...decided);
    check(state, command, decided);
  }
  return events;
}

/** What each event type does to the balance: +1 credits, -1 debits, 0 leaves it alone. */
const effects: Partial<Record<string, 1 | -1 | 0>> = {
  FundsLoaded: 1,
  EscrowHeld: -1,
  EscrowVoided: 1,
  EscrowRefunded: 1,
  EscrowReleased: 0,
  EscrowChargedBack: 0,
  ChargebackDebited: -1,
  EarningsCredited: 1,
  EarningsReversed: -1,
  PayoutDebited: -1,
  PayoutReturned: 1,
};

/** The balance as the sum of the events' amounts; each event must begin where the one before it ended. */
function audited(events: readonly (FanWalletEvent | CreatorWalletEvent)[]): Cents {
  let balance = 0;
  for (const { type, data } of events) {
    if (!('before' in data)) continue;
    expect(toCents(data.before), `${type} begins elsewhere`).to.equal(balance);
    const moved = toCents('net' in data ? data.net : data.amount);
    const adjusted = 'direction' in data ? (data.direction === 'CREDIT' ? 1 : -1) : effects[type];
    expect(adjusted, type).to.not.equal(undefined);
    balance += (adjusted ?? 0) * moved;
    expect(toCents(data.after), `${type} ends elsewhere`).to.equal(balance);
  }
  return balance;
}

describe('A wallet after random commands', () => {
  it('has a fan balance of credits less debits, negative only by a chargeback (G48)', () =>
    fc.assert(
      fc.property(fc.array(fanCommand, { maxLength: 60 }), (commands) => {
        let last = fanWallet.initial;
        const events = run(fanWallet, commands, (state, { type }) => {
          if (type !== 'DebitChargeback' && state.balance < last.balance) expect(state.balance).to.be.at.least(0);
          last = state;
        });
        expect(audited(events)).to.equal(last.balance);
      }),
    ));

  it('has each hold either still open or closed exactly once', () =>
    fc.assert(
      fc.property(fc.array(fanCommand, { maxLength: 60 }), (commands) => {
        let holds = fanWallet.initial.holds;
        const events = run(fanWallet, commands, (state) => {
          holds = state.holds;
        });
        const sum = (types: readonly string[]) =>
          events.reduce(
            (total, { type, data }) =>
              types.includes(type) && 'amount' in data ? total + toCents(data.amount) : total,
            0,
          );
        const closed = sum(['EscrowVoided', 'EscrowRefunded', 'EscrowReleased', 'EscrowChargedBack']);
        const open = Object.values(holds).reduce((total, held) => total + held, 0);
        expect(sum(['EscrowHeld'])).to.equal(open + closed);
      }),
    ));

  it('has no hold after the void of its message (9.2)', () =>
    fc.assert(
      fc.property(fc.array(fanCommand, { maxLength: 60 }), (commands) => {
        const voided = new Set<string>();
        for (const { type, data } of run(fanWallet, commands, () => {})) {
          if (type === 'EscrowVoided') voided.add(data.messageId);
          if (type === 'EscrowHeld') expect(voided.has(data.messageId)).to.equal(false);
        }
      }),
    ));

  it('has a creator balance of credits less debits, negative only by a chargeback (9.5)', () =>
    fc.assert(
      fc.property(fc.array(creatorCommand, { maxLength: 60 }), (commands) => {
        let last = creatorWallet.initial;
        const events = run(creatorWallet, commands, (state, { type }, decided) => {
          if (type === 'DebitPayout' && decided.some((event) => event.type === 'PayoutDebited'))
            expect(state.balance).to.be.at.least(0);
          if (type === 'Adjust' && decided.length > 0 && state.balance < last.balance)
            expect(state.balance).to.be.at.least(0);
          last = state;
        });
        expect(audited(events)).to.equal(last.balance);
      }),
    ));

  it('lets nothing but a chargeback take money while frozen (G17)', () =>
    fc.assert(
      fc.property(
        fc.array(fanCommand, { maxLength: 60 }),
        fc.array(creatorCommand, { maxLength: 60 }),
        (fan, creator) => {
          let frozen = false;
          for (const event of run(fanWallet, fan, () => {})) {
            if (event.type === 'WalletFrozen' || event.type === 'WalletUnfrozen')
              frozen = event.type === 'WalletFrozen';
            if (frozen && 'before' in event.data && event.type !== 'ChargebackDebited')
              expect(toCents(event.data.after)).to.be.at.least(toCents(event.data.before));
          }
          frozen = false;
          for (const event of run(creatorWallet, creator, () => {})) {
            if (event.type === 'WalletFrozen' || event.type === 'WalletUnfrozen')
              frozen = event.type === 'WalletFrozen';
            if (frozen && 'before' in event.data && event.type !== 'EarningsReversed')
              expect(toCents(event.data.after)).to.be.at.least(toCents(event.data.before));
          }
        },
      ),
    ));
});
