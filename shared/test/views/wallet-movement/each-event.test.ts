import type { EventType } from '../../../src/events/index.js';
import { walletMovement } from '../../../src/views/wallet-movement/fold.js';
import { expect } from 'chai';
import {
  creatorUserId,
  creatorWallet,
  fanId,
  fanWallet,
  idOf,
  messageId,
  strangerId,
} from '../../../testing/fixtures/people.js';
import { documentsAfter, history, type GivenEvent } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

const now = '2026-05-04T10:00:00.000Z';
/** 12.00 come to 30.00. */
const up = { amount: '12.00', before: '30.00', after: '42.00' };
const settlement = { gross: '15.00', commission: '3.00', net: '12.00', before: '30.00', after: '42.00' };
const forMessage = { messageId, ...up };

describe('walletMovement: what each event changes', () => {
  const full = {
    eventId: strangerId,
    wallet: 'a wallet',
    type: 'UNKNOWN' as never, // no event sets this one
    before: 1,
    after: 2,
    reference: { type: 'PAYOUT', id: strangerId },
    createdAt: '2026-05-01T00:00:00.000Z',
    moved: 'somewhere',
    movedByType: 'somewhere',
  } as const;
  const fan = `fanWallet-${fanId}`;
  const creator = `creatorWallet-${creatorUserId}`;
  const row = (wallet: string, type: string, reference: object, given: GivenEvent) => {
    const list = wallet === fan ? `${fanId}/FAN` : `${creatorUserId}/CREATOR`;
    const [event] = history([given], { after: 10n });
    const places = { moved: `${list} ${now}`, movedByType: `${list}/${type} ${now}` };
    const fields = { eventId: event?.id, wallet, type, before: 3_000, after: 4_200, reference, createdAt: now };
    return [given, { ...fields, ...places } as never] as const;
  };
  const message = { type: 'MESSAGE', id: messageId };
  const session = { type: 'STRIPE_CHECKOUT', id: idOf(1) };
  const paid = { type: 'PAYOUT', id: idOf(2) };
  const adjustment = { type: 'ADJUSTMENT', id: null };
  const erasure = { type: 'ERASURE', id: null };
  eachEventChangesOnly(walletMovement, full, [
    row(fan, 'CREDIT', session, fanWallet()('FundsLoaded', { sessionId: idOf(1), ...up }, now)),
    row(fan, 'DEBIT', message, fanWallet()('EscrowHeld', forMessage, now)),
    row(fan, 'CREDIT', message, fanWallet()('EscrowVoided', forMessage, now)),
    row(fan, 'CREDIT', message, fanWallet()('EscrowRefunded', forMessage, now)),
    row(fan, 'CHARGEBACK', message, fanWallet()('ChargebackDebited', { ...forMessage, sessionId: null }, now)),
    row(creator, 'CREDIT', message, creatorWallet('EarningsCredited', { messageId, ...settlement }, now)),
    row(creator, 'CHARGEBACK', message, creatorWallet('EarningsReversed', { messageId, ...settlement }, now)),
    row(creator, 'PAYOUT', paid, creatorWallet('PayoutDebited', { payoutId: idOf(2), ...up }, now)),
    row(creator, 'CREDIT', paid, creatorWallet('PayoutReturned', { payoutId: idOf(2), ...up }, now)),
    row(creator, 'DEBIT', adjustment, creatorWallet('WalletAdjusted', { ...up, direction: 'DEBIT' }, now)),
    row(fan, 'EXPIRY', erasure, fanWallet()('WalletForfeited', up, now)),
    row(fan, 'EXPIRY', erasure, fanWallet()('WalletWrittenOff', up, now)),
  ]);
});

describe('walletMovement: documents', () => {
  it('name the load that was charged back, where it was no message', () => {
    const of = { messageId: null, sessionId: idOf(1), ...up };
    const [document] = documentsAfter(walletMovement, [fanWallet()('ChargebackDebited', of)]).values();
    expect(document).to.deep.include({ reference: { type: 'STRIPE_CHECKOUT', id: idOf(1) } });
  });

  it('stand in no list where the balance stayed, as when a hold is voided that was never made', () => {
    const stayed = { messageId, amount: '0.00', before: '30.00', after: '30.00' };
    const [document] = documentsAfter(walletMovement, [fanWallet()('EscrowVoided', stayed)]).values();
    expect(document).to.include({ moved: null, movedByType: null });
  });

  it('keep the order of their wallet by their keys, where times do not tell', () => {
    const held = Array.from({ length: 11 }, (_, n) =>
      fanWallet()('EscrowHeld', { messageId, amount: '1.00', before: `${20 - n}.00`, after: `${19 - n}.00` }, now),
    );
    const documents = [...documentsAfter(walletMovement, held).values()];
    const byKey = documents.sort((a, b) => (a._id < b._id ? -1 : 1)).map(({ after }) => after);
    expect(byKey).to.deep.equal(Array.from({ length: 11 }, (_, n) => 1_900 - 100 * n));
  });

  it('are made of all that moves a wallet of its own, and of nothing that only goes on from a hold', () => {
    const others: EventType[] = ['WalletOpened', 'WalletFrozen', 'WalletUnfrozen', 'PayoutDebitRefused'];
    const holds: EventType[] = ['EscrowReleased', 'EscrowChargedBack'];
    expect(Object.keys(walletMovement.handlers)).to.not.include.members([...others, ...holds]);
  });
});
