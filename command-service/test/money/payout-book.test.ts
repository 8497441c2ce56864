import type { PayoutEvent, PayoutStatus } from '@creator-dashboards/shared/events/payout';
import { CreatorId, CreatorUserId, newId } from '@creator-dashboards/shared/ids';
import { isRefusal } from '@creator-dashboards/shared/errors';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import { expect } from 'chai';
import { payoutBook, type PayoutCommand } from '../../src/domain/payout-book.js';
import type { PayoutCreator, PayoutFacts, PayoutRequest } from '../../src/domain/payout-facts.js';
import { given } from '../support/decider.js';

const owner = { userId: CreatorUserId(newId()), creatorId: CreatorId(newId()) };
const payoutId = newId();
const [first, second] = [newId(), newId()];
const at = '2026-04-29T20:00:00.000Z';
const by = newId();

const creator: PayoutCreator = {
  status: 'ACTIVE',
  kycApproved: true,
  taxFormApproved: true,
  readyMethods: ['STRIPE_CONNECT'],
  preferredMethod: 'STRIPE_CONNECT',
};
const wallet: PayoutFacts['wallet'] = { opened: true, frozen: false, balance: 10_000, payouts: {} };
const payee = { creator, accountActive: true };
const fine = { amount: 4_000, method: null, at, ...payee, wallet, minimum: 1_000, cooldownDays: 7 };
const request = (changes: Partial<PayoutRequest & PayoutFacts> = {}): PayoutCommand => ({
  type: 'RequestPayout',
  ...owner,
  payoutId,
  ...fine,
  ...changes,
});

const ofAmount = (id: string, amount: string) => ({ payoutId: id, amount });
const requested = (id: string, amount: string, requestedAt: Instant): PayoutEvent => ({
  type: 'PayoutRequested',
  data: { ...ofAmount(id, amount), method: 'STRIPE_CONNECT', requestedAt },
});
const sealed = (text: string) => sealedValue(owner.userId, text) as Sealed<never>;
const [here, elsewhere] = [
  { sealed: sealed('here'), digest: 'a'.repeat(40) },
  { sealed: sealed('elsewhere'), digest: 'b'.repeat(40) },
];
type Destination = typeof here;
const approved = (id: string, amount: string, from: 'PENDING' | 'APPROVED' = 'PENDING', to = here): PayoutEvent => ({
  type: 'PayoutApproved',
  data: { ...ofAmount(id, amount), by, from, destination: to.sealed, digest: to.digest },
});
const processing = (id: string, amount: string, to: Destination = here): PayoutEvent => ({
  type: 'PayoutProcessingStarted',
  data: { ...ofAmount(id, amount), method: 'STRIPE_CONNECT', destination: to.sealed },
});
const processor = newId();
const approve = (changes: object = {}): PayoutCommand => ({
  ...{ type: 'ApprovePayout', ...owner, payoutId, ...payee, by, destination: here },
  ...changes,
});
const process = (changes: object = {}): PayoutCommand => ({
  ...{ type: 'StartProcessing', ...owner, payoutId, ...payee, by: processor, destination: here },
  ...{ walletFrozen: false, fourEyes: false },
  ...changes,
});

/** The events that bring a payout of 40.00 to a status. */
function pathTo(status: PayoutStatus, id = payoutId, requestedAt = at): PayoutEvent[] {
  const pending = requested(id, '40.00', requestedAt);
  const closed = { ...ofAmount(id, '40.00'), from: 'PENDING' as const, by };
  const started = [pending, approved(id, '40.00'), processing(id, '40.00')];
  const paths: Record<PayoutStatus, PayoutEvent[]> = {
    PENDING: [pending],
    APPROVED: started.slice(0, 2),
    PROCESSING: started,
    PROCESSED: [...started, { type: 'PayoutProcessed', data: { ...ofAmount(id, '40.00'), at } }],
    FAILED: [...started, { type: 'PayoutFailed', data: { ...ofAmount(id, '40.00'), debited: true, at, error: null } }],
    CANCELLED: [pending, { type: 'PayoutCancelled', data: closed }],
    REJECTED: [pending, { type: 'PayoutRejected', data: closed }],
  };
  return paths[status];
}
const statuses: readonly PayoutStatus[] = [
  'PENDING',
  'APPROVED',
  'PROCESSING',
  'PROCESSED',
  'FAILED',
  'CANCELLED',
  'REJECTED',
];

describe('The payout book aggregate', () => {
  it('has one stream per creator and the payout in its routing keys', () => {
    expect(payoutBook.streamOf(request())).to.equal(`payoutBook-${owner.creatorId}`);
    expect(payoutBook.keysOf(payoutBook.initial, request())).to.deep.equal(owner);
    expect(payoutBook.keysOfEvent?.(requested(payoutId, '40.00', at))).to.deep.equal({ payoutId });
    expect(payoutBook.keysOfEvent?.({ type: 'PayoutBookClosed', data: { reason: 'ERASED' } })).to.deep.equal({});
  });

  it('has no history in which a payout that was never requested changes', () =>
    expect(() => given(payoutBook, approved(payoutId, '40.00'))).to.throw(
      `payout ${payoutId} is not open in its book`,
    ));

  describe('a request', () => {
    it('is recorded as PENDING with the preferred method', () =>
      given(payoutBook)
        .when(request())
        .then(requested(payoutId, '40.00', at)));
    it('uses the requested method', () =>
      given(payoutBook)
        .when(request({ method: 'BANK_TRANSFER', creator: { ...creator, readyMethods: ['BANK_TRANSFER'] } }))
        .then({
          type: 'PayoutRequested',
          data: { payoutId, amount: '40.00', method: 'BANK_TRANSFER', requestedAt: at },
        }));
    it('is recorded once', () =>
      given(payoutBook, ...pathTo('PENDING'))
        .when(request())
        .nothing());
    it('is possible during a vacation', () =>
      given(payoutBook)
        .when(request({ creator: { ...creator, status: 'VACATION' } }))
        .then(requested(payoutId, '40.00', at)));
  });

  describe('closed for an erasure (G56)', () => {
    const close: PayoutCommand = { type: 'CloseBook', ...owner };
    const closed: PayoutEvent = { type: 'PayoutBookClosed', data: { reason: 'ERASED' } };
    const [waiting, promised, paying] = [newId(), newId(), newId()];
    const all = [
      ...pathTo('PENDING', waiting),
      ...pathTo('APPROVED', promised),
      ...pathTo('PROCESSING', paying),
      ...pathTo('PROCESSED'),
    ];
    const cancelled = (id: string, from: PayoutStatus): PayoutEvent => ({
      type: 'PayoutCancelled',
      data: { ...ofAmount(id, '40.00'), from, by: null },
    });
    it('cancels by name each payout that no provider was asked for', () =>
      given(payoutBook, ...all)
        .when(close)
        .then(cancelled(waiting, 'PENDING'), cancelled(promised, 'APPROVED'), closed));
    it('is closed once', () =>
      given(payoutBook, ...pathTo('PENDING', waiting), cancelled(waiting, 'PENDING'), closed)
        .when(close)
        .nothing());
    it('names, once, what an older version cancelled without a name', () => {
      const names = [cancelled(waiting, 'CANCELLED'), cancelled(promised, 'CANCELLED')];
      given(payoutBook, ...all, closed)
        .when(close)
        .then(...names);
      given(payoutBook, ...all, closed, ...names)
        .when(close)
        .nothing();
    });
  });

  describe('the twelve checks of a request, in order (G12, G13)', () => {
    const past = requested(first, '40.00', at);
    /** Each fault together with the mended ones before it: the first remaining one answers. Mending them one by one shows the order. */
    const faults: [
      name: string,
      mend: (broken: PayoutRequest & PayoutFacts) => Partial<PayoutRequest & PayoutFacts>,
    ][] = [
      ['creator_not_found', () => ({ creator: { ...worst, status: 'BANNED' } })],
      ['creator_inactive', () => ({ creator: worst })],
      ['invalid_amount', () => ({ amount: 999 })],
      ['invalid_method', () => ({ method: 'BANK_TRANSFER' })],
      ['kyc_required', () => ({ creator: { ...worst, kycApproved: true } })],
      ['tax_form_required', () => ({ creator: { ...worst, kycApproved: true, taxFormApproved: true } })],
      ['method_not_ready', () => ({ creator: { ...creator, readyMethods: ['BANK_TRANSFER'] } })],
      ['wallet_not_found', () => ({ wallet: { opened: true, frozen: true, balance: 4_999, payouts: {} } })],
      ['wallet_frozen', ({ wallet: before }) => ({ wallet: { ...before, frozen: false } })],
      ['below_minimum', () => ({ amount: 1_000 })],
      ['insufficient_balance', ({ wallet: before }) => ({ wallet: { ...before, balance: 5_000 } })],
      ['frequency_limit', () => ({ at: '2026-05-06T20:00:00.000Z' })],
    ];
    const worst: PayoutCreator = {
      status: 'ACTIVE',
      kycApproved: false,
      taxFormApproved: false,
      readyMethods: [],
      preferredMethod: null,
    };

    it('are twelve', () => expect(faults).to.have.length(12));
    it('answer with the first that fails', () => {
      let broken: PayoutRequest & PayoutFacts = {
        ...fine,
        amount: null,
        method: 'CASH',
        creator: null,
        wallet: { opened: false, frozen: true, balance: 0, payouts: {} },
      };
      for (const [name, mend] of faults) {
        const { decided } = given(payoutBook, past).when(request(broken));
        expect(isRefusal(decided) && decided.refused).to.equal(`payment.payout.error.${name}`);
        broken = { ...broken, ...mend(broken) };
      }
      const { decided } = given(payoutBook, past).when(request(broken));
      expect(decided).to.have.nested.property('[0].type', 'PayoutRequested');
    });

    for (const status of ['SUSPENDED', 'BANNED', 'DEACTIVATED'] as const)
      it(`refuse a creator who is ${status}`, () =>
        given(payoutBook)
          .when(request({ creator: { ...creator, status } }))
          .refused('payment.payout.error.creator_inactive'));
    for (const amount of [0, -1])
      it(`refuse an amount of ${amount} cents, even without a configured minimum`, () =>
        given(payoutBook)
          .when(request({ amount, minimum: 0 }))
          .refused('payment.payout.error.invalid_amount'));
    it('refuse a request without a method when none is preferred', () =>
      given(payoutBook)
        .when(request({ creator: { ...creator, preferredMethod: null } }))
        .refused('payment.payout.error.invalid_method'));
    it('name the minimum amount', () => {
      const { decided } = given(payoutBook).when(request({ amount: 999 }));
      expect(decided).to.deep.equal({ refused: 'payment.payout.error.below_minimum', vars: { min: '10.00' } });
    });
  });

  describe('the headroom, the balance less what open payouts reserve (9.6)', () => {
    const other = { cooldownDays: 0, amount: 6_000 };
    for (const status of ['PENDING', 'APPROVED', 'PROCESSING'] as const) {
      it(`is reduced by a payout that is ${status}`, () => {
        const book = given(payoutBook, ...pathTo(status, first));
        book.when(request(other)).then(requested(payoutId, '60.00', at));
        book.when(request({ ...other, amount: 6_001 })).refused('payment.payout.error.insufficient_balance');
      });
    }
    it('is not reduced by a PROCESSING payout that the wallet has debited', () => {
      const debited = { ...wallet, balance: 6_000, payouts: { [first]: { state: 'DEBITED' as const, amount: 4_000 } } };
      given(payoutBook, ...pathTo('PROCESSING', first))
        .when(request({ ...other, wallet: debited }))
        .then(requested(payoutId, '60.00', at));
    });
    for (const status of ['PROCESSED', 'FAILED', 'CANCELLED', 'REJECTED'] as const)
      it(`is not reduced by a payout that is ${status}`, () =>
        given(payoutBook, ...pathTo(status, first))
          .when(request({ ...other, amount: 10_000 }))
          .then(requested(payoutId, '100.00', at)));
    it('is reduced by all open payouts together', () => {
      const book = given(payoutBook, ...pathTo('PENDING', first), ...pathTo('APPROVED', second));
      book.when(request({ ...other, amount: 2_001 })).refused('payment.payout.error.insufficient_balance');
      book.when(request({ ...other, amount: 2_000 })).then(requested(payoutId, '20.00', at));
    });
    it('is zero when the balance is negative', () =>
      given(payoutBook)
        .when(request({ wallet: { ...wallet, balance: -1 }, minimum: 0, amount: 1 }))
        .refused('payment.payout.error.insufficient_balance'));
  });

  describe('the cooldown between payouts (G14)', () => {
    const lately = '2026-04-22T20:00:00.001Z';
    const weekAgo = '2026-04-22T20:00:00.000Z';
    const small = { amount: 1_000 };
    it('says when the next payout may be requested', () => {
      const { decided } = given(payoutBook, ...pathTo('PROCESSED', first, lately)).when(request(small));
      const vars = { availableAt: '2026-04-29T20:00:00.001Z' };
      expect(decided).to.deep.equal({ refused: 'payment.payout.error.frequency_limit', vars });
    });
    it('is over after exactly payout.cooldown_days', () =>
      given(payoutBook, ...pathTo('PROCESSED', first, weekAgo))
        .when(request(small))
        .then(requested(payoutId, '10.00', at)));
    const free: readonly PayoutStatus[] = ['REJECTED', 'CANCELLED'];
    for (const status of statuses)
      it(`${free.includes(status) ? 'does not count' : 'counts'} a payout that is ${status}`, () => {
        const after = given(payoutBook, ...pathTo(status, first, lately)).when(request(small));
        if (free.includes(status)) after.then(requested(payoutId, '10.00', at));
        else after.refused('payment.payout.error.frequency_limit');
      });
    it('does not count a payout that failed before it was debited (G51)', () => {
      const undebited: PayoutEvent = {
        type: 'PayoutFailed',
        data: { ...ofAmount(first, '40.00'), debited: false, at, error: null },
      };
      given(payoutBook, ...pathTo('PROCESSING', first, lately), undebited)
        .when(request(small))
        .then(requested(payoutId, '10.00', at));
    });
    it('does not let more than five be requested within 24 hours, whatever became of them (G51)', () => {
      const hour = (n: number) => `2026-04-29T${String(n).padStart(2, '0')}:00:00.000Z`;
      const cancelled = (n: number) => pathTo('CANCELLED', newId(), hour(n));
      const four = [1, 2, 3, 4].flatMap(cancelled);
      given(payoutBook, ...four)
        .when(request(small))
        .then(requested(payoutId, '10.00', at));
      const { decided } = given(payoutBook, ...four, ...cancelled(5)).when(request(small));
      const vars = { availableAt: '2026-04-30T01:00:00.000Z' };
      expect(decided).to.deep.equal({ refused: 'payment.payout.error.frequency_limit', vars });
      const yesterday = pathTo('CANCELLED', newId(), '2026-04-28T20:00:00.000Z');
      given(payoutBook, ...yesterday, ...four)
        .when(request(small))
        .then(requested(payoutId, '10.00', at));
    });
    it('leaves at most 20 payouts open (G44b)', () => {
      const open = (count: number) => Array.from({ length: count }, () => requested(newId(), '1.00', weekAgo)).flat();
      const rich = { ...small, wallet: { ...wallet, balance: 1_000_000 }, cooldownDays: 0 };
      expect(given(payoutBook, ...open(19)).when(request(rich)).decided).to.have.length(1);
      given(payoutBook, ...open(20))
        .when(request(rich))
        .refused('payment.payout.error.open_limit');
    });
    it('starts at the latest payout, whichever was recorded last', () =>
      given(payoutBook, ...pathTo('PROCESSED', first, lately), ...pathTo('PROCESSED', second, weekAgo))
        .when(request(small))
        .refused('payment.payout.error.frequency_limit'));
    it('falls back to the payout before a rejected one', () =>
      given(payoutBook, ...pathTo('PROCESSED', first, lately), ...pathTo('REJECTED', second, at))
        .when(request(small))
        .refused('payment.payout.error.frequency_limit'));
  });

  describe('what each status allows (3.2, G15)', () => {
    const data = { payoutId, amount: '40.00', by };
    const moves: [PayoutCommand, Partial<Record<PayoutStatus, PayoutEvent>>][] = [
      [approve(), { PENDING: approved(payoutId, '40.00') }],
      [
        { type: 'RejectPayout', ...owner, payoutId, by },
        {
          PENDING: { type: 'PayoutRejected', data: { ...data, from: 'PENDING' } },
          APPROVED: { type: 'PayoutRejected', data: { ...data, from: 'APPROVED' } },
        },
      ],
      [
        { type: 'CancelPayout', ...owner, payoutId, by },
        { PENDING: { type: 'PayoutCancelled', data: { ...data, from: 'PENDING' } } },
      ],
      [process(), { APPROVED: processing(payoutId, '40.00') }],
    ];
    for (const [command, allowed] of moves) {
      for (const status of statuses) {
        const event = allowed[status];
        it(`${command.type} is ${event ? 'done' : 'refused'} when ${status}`, () => {
          const decided = given(payoutBook, ...pathTo(status)).when(command);
          if (event) decided.then(event);
          else
            expect(decided.decided).to.deep.equal({
              refused: 'payment.payout.error.invalid_status',
              vars: { status },
            });
        });
      }
      it(`${command.type} is refused for an unknown payout`, () =>
        given(payoutBook, ...pathTo('PENDING', first))
          .when(command)
          .refused('payment.payout.error.not_found'));
    }
    it('keeps a payout as it is when a frozen wallet blocks processing (G17)', () =>
      given(payoutBook, ...pathTo('APPROVED'))
        .when(process({ walletFrozen: true }))
        .refused('payment.payout.error.wallet_frozen'));
  });

  describe('the result of a transfer', () => {
    const result = (word: 'paid' | 'failed', debited = true): PayoutCommand => ({
      type: 'RecordResult',
      ...owner,
      payoutId,
      result: word,
      debited,
      at,
      error: null,
    });
    const conflict = (from: PayoutStatus, word: 'paid' | 'failed'): PayoutEvent => ({
      type: 'PayoutResultConflict',
      data: { payoutId, from, result: word },
    });

    it('closes a PROCESSING payout', () => {
      const book = given(payoutBook, ...pathTo('PROCESSING'));
      book.when(result('paid')).then({ type: 'PayoutProcessed', data: { payoutId, amount: '40.00', at } });
      book
        .when(result('failed'))
        .then({ type: 'PayoutFailed', data: { payoutId, amount: '40.00', debited: true, at, error: null } });
    });
    it('is refused before the debit: the provider cannot have been asked yet', () => {
      const book = given(payoutBook, ...pathTo('PROCESSING'));
      book.when(result('paid', false)).refused('payment.payout.error.invalid_status');
      book.when(result('failed', false)).refused('payment.payout.error.invalid_status');
    });
    it('changes nothing when repeated', () => {
      given(payoutBook, ...pathTo('PROCESSED'))
        .when(result('paid'))
        .nothing();
      given(payoutBook, ...pathTo('FAILED'))
        .when(result('failed'))
        .nothing();
    });
    it('is recorded as a conflict when it contradicts the first one', () => {
      given(payoutBook, ...pathTo('PROCESSED'))
        .when(result('failed'))
        .then(conflict('PROCESSED', 'failed'));
      given(payoutBook, ...pathTo('FAILED'))
        .when(result('paid'))
        .then(conflict('FAILED', 'paid'));
    });
    it('is recorded as a conflict for a payout that was never handed to the provider', () =>
      given(payoutBook, ...pathTo('CANCELLED'))
        .when(result('paid'))
        .then(conflict('CANCELLED', 'paid')));
    it('is recorded as a conflict for a payout that the book has forgotten (G51)', () => {
      const later = Array.from({ length: 200 }, () => pathTo('PROCESSED', newId())).flat();
      given(payoutBook, ...pathTo('PROCESSED'), ...later.slice(4))
        .when(result('paid'))
        .nothing();
      given(payoutBook, ...pathTo('PROCESSED'), ...later)
        .when(result('paid'))
        .then({ type: 'PayoutResultConflict', data: { payoutId, from: null, result: 'paid' } });
    });

    describe('that conflicts with what is known', () => {
      const acknowledge = (who = processor): PayoutCommand => ({
        ...{ type: 'AcknowledgeConflict', ...owner, payoutId, by: who },
      });
      const acknowledged: PayoutEvent = { type: 'PayoutConflictAcknowledged', data: { payoutId, by: processor } };
      const conflicting = given(payoutBook, ...pathTo('PROCESSED'), conflict('PROCESSED', 'failed'));

      it('is acknowledged once, by anybody but the payee', () => {
        conflicting.when(acknowledge(owner.userId)).refused('admin.four_eyes.own_money');
        conflicting.when(acknowledge()).then(acknowledged);
        given(payoutBook, ...pathTo('PROCESSED'), conflict('PROCESSED', 'failed'), acknowledged)
          .when(acknowledge())
          .refused('admin.work.nothing_to_acknowledge');
        given(payoutBook, ...pathTo('PROCESSED'))
          .when(acknowledge())
          .refused('admin.work.nothing_to_acknowledge');
      });
      it('is acknowledged with all others about this payout, and with none about another', () => {
        const twice = [conflict('PROCESSED', 'failed'), conflict('PROCESSED', 'failed')];
        given(payoutBook, ...pathTo('PROCESSED'), ...twice, acknowledged)
          .when(acknowledge())
          .refused('admin.work.nothing_to_acknowledge');
        conflicting
          .when({ ...acknowledge(), payoutId: second } as PayoutCommand)
          .refused('admin.work.nothing_to_acknowledge');
      });
      it('is acknowledged when its book is closed, too', () =>
        given(payoutBook, ...pathTo('PROCESSED'), conflict('PROCESSED', 'failed'), {
          type: 'PayoutBookClosed',
          data: { reason: 'ERASED' },
        })
          .when(acknowledge())
          .then(acknowledged));
    });

    describe('as staff found it out (G47)', () => {
      const settle = (changes: object = {}): PayoutCommand => ({
        ...{ type: 'SettleResult', ...owner, payoutId, result: 'paid', debited: true, at, error: null },
        ...{ by: processor, fourEyes: true },
        ...changes,
      });
      const book = given(payoutBook, ...pathTo('PROCESSING'));
      it('closes a PROCESSING payout', () => {
        book.when(settle()).then({ type: 'PayoutProcessed', data: { payoutId, amount: '40.00', at } });
        const error = sealed('the bank said no');
        book
          .when(settle({ result: 'failed', error }))
          .then({ type: 'PayoutFailed', data: { payoutId, amount: '40.00', debited: true, at, error } });
      });
      it('is refused for any other payout', () => {
        for (const status of statuses.filter((each) => each !== 'PROCESSING'))
          given(payoutBook, ...pathTo(status))
            .when(settle())
            .refused('payment.payout.error.invalid_status');
        given(payoutBook).when(settle()).refused('payment.payout.error.not_found');
      });
      it('is refused to the payee, and under four eyes to whoever approved the payout', () => {
        book.when(settle({ by: owner.userId })).refused('admin.four_eyes.own_money');
        book.when(settle({ by })).refused('admin.four_eyes.approver');
        expect(book.when(settle({ by, fourEyes: false })).decided).to.have.length(1);
      });
    });
  });

  describe('is judged at approval and again at processing (G47)', () => {
    const faults: [string, object][] = [
      ['creator_not_found', { creator: null }],
      ['creator_inactive', { creator: { ...creator, status: 'SUSPENDED' } }],
      ['creator_inactive', { creator: { ...creator, status: 'BANNED' } }],
      ['creator_inactive', { creator: { ...creator, status: 'DEACTIVATED' } }],
      ['creator_inactive', { accountActive: false }],
      ['kyc_required', { creator: { ...creator, kycApproved: false } }],
      ['tax_form_required', { creator: { ...creator, taxFormApproved: false } }],
      ['method_not_ready', { creator: { ...creator, readyMethods: ['BANK_TRANSFER'] } }],
      ['method_not_ready', { destination: null }],
    ];
    for (const [name, change] of faults)
      it(`so that it is refused with ${name} for ${JSON.stringify(change)}`, () => {
        const key = `payment.payout.error.${name}` as 'payment.payout.error.kyc_required';
        given(payoutBook, ...pathTo('PENDING'))
          .when(approve(change))
          .refused(key);
        given(payoutBook, ...pathTo('APPROVED'))
          .when(process(change))
          .refused(key);
      });
    it('by its destination: one that changed since must be approved again, and is then paid to', () => {
      const book = given(payoutBook, ...pathTo('APPROVED'));
      book.when(process({ destination: elsewhere })).refused('payment.payout.error.destination_changed');
      const again = approved(payoutId, '40.00', 'APPROVED', elsewhere);
      book.when(approve({ destination: elsewhere })).then(again);
      given(payoutBook, ...pathTo('APPROVED'), again)
        .when(process({ destination: elsewhere }))
        .then(processing(payoutId, '40.00', elsewhere));
      given(payoutBook, ...pathTo('APPROVED'), again)
        .when(process())
        .refused('payment.payout.error.destination_changed');
    });
    it('never by the payee, and under four eyes not processed by whoever approved it', () => {
      const own = { by: owner.userId };
      given(payoutBook, ...pathTo('PENDING'))
        .when(approve(own))
        .refused('admin.four_eyes.own_money');
      given(payoutBook, ...pathTo('PENDING'))
        .when({ type: 'RejectPayout', ...owner, payoutId, ...own })
        .refused('admin.four_eyes.own_money');
      const book = given(payoutBook, ...pathTo('APPROVED'));
      book.when(process(own)).refused('admin.four_eyes.own_money');
      book.when(process({ by, fourEyes: true })).refused('admin.four_eyes.approver');
      expect(book.when(process({ by })).decided).to.have.length(1);
      expect(book.when(process({ fourEyes: true })).decided).to.have.length(1);
    });
  });

  describe('a refused debit', () => {
    const fail: PayoutCommand = { type: 'FailUndebited', ...owner, payoutId, at };
    it('fails the payout, with nothing to return', () =>
      given(payoutBook, ...pathTo('PROCESSING'))
        .when(fail)
        .then({ type: 'PayoutFailed', data: { payoutId, amount: '40.00', debited: false, at, error: null } }));
    it('fails the payout only once', () =>
      given(payoutBook, ...pathTo('FAILED'))
        .when(fail)
        .nothing());
  });
});
