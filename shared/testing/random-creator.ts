/**
 * A creator of a random history: her streams, what can happen to her next, and beside them the counts a person would
 * make.
 */
import { CreatorId, CreatorUserId, FanId, inPartitionOf, MessageId } from '../src/ids.js';
import { at, later } from './fixtures/people.js';
import { onStream, sealedValue, type GivenEvent } from './given.js';

/** What must be true of a creator at the end. */
export interface Expected {
  totalMessages: number;
  totalEarnings: number;
  responded: number;
  resolvable: number;
  pendingPayouts: number;
  balance: number;
  links: number;
}

/** How many actions a creator has. */
export const ACTIONS = 12;

const id = (kind: number, n: number) => `${String(kind).repeat(8)}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const money = (cents: number) =>
  `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;

const plainLink = { icon: null, platform: null, embedType: null, embedMeta: null };

interface Sent {
  readonly id: string;
  readonly price: number | null;
  state: 'open' | 'replied' | 'flagged';
}

/** Her ids end in the same two digits, as real ones do (domain 9.1); the ids of her fan do not. */
export function createCreator(n: number) {
  const userId = CreatorUserId(id(1, n));
  const fanId = FanId(id(5, 100 + n));
  const creatorId = CreatorId(id(2, n));
  const keys = { userId, creatorId };
  const user = onStream(`user-${userId}`, { userId });
  const creator = onStream(`creator-${creatorId}`, keys);
  const page = onStream(`bioPage-${id(3, n)}`, keys);
  const wallet = onStream(`creatorWallet-${userId}`, keys);
  const bookOf = (payoutId: string) => onStream(`payoutBook-${creatorId}`, { ...keys, payoutId });
  const link = onStream(`referralLink-${userId}`, { userId });
  const clicks = onStream(`referralClicks-${userId}`, { userId });
  const fanWallet = onStream(`fanWallet-${userId}`, { userId });
  const expected: Expected = {
    totalMessages: 0,
    totalEarnings: 0,
    responded: 0,
    resolvable: 0,
    pendingPayouts: 0,
    balance: 0,
    links: 0,
  };
  const messages: Sent[] = [];
  const pending: string[] = [];
  const links: string[] = [];
  let next = n * 1_000;
  const fresh = () => inPartitionOf(userId, id(4, (next += 1) * 256)); // The last two digits are replaced.

  const onMessage = (messageId: string) =>
    onStream(`message-${messageId}`, { messageId, fanId, creatorId, creatorUserId: userId });
  const settlementOf = (price: number | null) =>
    price === null ? null : { gross: money(price), commission: money(price / 5), net: money(price - price / 5) };
  const take = (state: Sent['state'], choice: number): Sent | undefined => {
    const fitting = messages.filter((message) => message.state === state);
    return fitting[choice % fitting.length];
  };
  const drop = (message: Sent) => void messages.splice(messages.indexOf(message), 1);
  const deliver = ({ id: messageId, price }: Sent): GivenEvent => {
    expected.totalMessages += 1;
    const statusAfter = price === null ? 'DELIVERED' : 'ESCROWED';
    return onMessage(messageId)('MessageDelivered', {
      paid: price !== null,
      statusAfter,
      deliveredAt: at,
      expiresAt: later,
    });
  };

  const actions: ((choice: number) => GivenEvent[])[] = [
    function send(choice) {
      const price = choice % 3 === 0 ? null : choice * 500;
      const message: Sent = { id: fresh(), price, state: choice === 7 ? 'flagged' : 'open' };
      messages.push(message);
      const sent = onMessage(message.id)('MessageSent', {
        messageId: MessageId(message.id),
        fanId,
        creatorId,
        creatorUserId: userId,
        dmType: price === null ? 'FREE' : 'PER_MESSAGE',
        priceSnapshot: price === null ? null : money(price),
        commissionRate: 20,
        timeoutHours: 72,
        sentAt: at,
        content: sealedValue(fanId, 'hi'),
      });
      if (message.state === 'open') return [sent, deliver(message)];
      return [sent, onMessage(message.id)('MessageQuarantined', { rule: null, expiresAt: later })];
    },
    function judge(choice) {
      const message = take('flagged', choice);
      if (!message) return [];
      const on = onMessage(message.id);
      if (choice % 2 === 0) {
        message.state = 'open';
        return [on('QuarantineReleased', {}), deliver(message)];
      }
      drop(message);
      const amount = message.price === null ? null : money(message.price);
      return [
        on('QuarantineUpheld', { amount }),
        on('MessageRefunded', { amount: amount ?? '0.00', cause: 'QUARANTINE_UPHELD' }),
      ];
    },
    function reply(choice) {
      const message = take('open', choice);
      if (!message) return [];
      message.state = 'replied';
      expected.responded += 1;
      expected.resolvable += 1;
      const settlement = settlementOf(message.price);
      const content = sealedValue(userId, 'yo');
      return [
        onMessage(message.id)('MessageReplied', { replyMessageId: fresh(), repliedAt: later, settlement, content }),
      ];
    },
    function complete(choice) {
      const message = take('replied', choice);
      if (!message) return [];
      drop(message);
      const settlement = settlementOf(message.price);
      const done = onMessage(message.id)('MessageCompleted', { completedAt: later, settlement });
      if (!settlement || message.price === null) return [done];
      const net = message.price - message.price / 5;
      const before = money(expected.balance);
      expected.balance += net;
      expected.totalEarnings += net;
      const after = money(expected.balance);
      return [wallet('EarningsCredited', { messageId: message.id, ...settlement, before, after }), done];
    },
    function reject(choice) {
      const message = take('open', choice);
      if (!message) return [];
      drop(message);
      expected.resolvable += 1;
      const on = onMessage(message.id);
      const amount = message.price === null ? null : money(message.price);
      const refund = (cause: 'REJECTED' | 'EXPIRED') => on('MessageRefunded', { amount: amount ?? '0.00', cause });
      return choice % 2 === 0
        ? [on('MessageRejected', { reason: sealedValue(userId, 'no'), amount }), refund('REJECTED')]
        : [on('MessageExpired', { expiredAt: later, amount }), refund('EXPIRED')];
    },
    function chargeBack(choice) {
      const net = 400 * choice;
      const before = money(expected.balance);
      expected.balance -= net;
      expected.totalEarnings -= net;
      const amounts = { gross: money(net * 1.25), commission: money(net * 0.25), net: money(net) };
      return [wallet('EarningsReversed', { messageId: fresh(), ...amounts, before, after: money(expected.balance) })];
    },
    function payout(choice) {
      const payoutId = fresh();
      expected.pendingPayouts += 1;
      pending.push(payoutId);
      return [
        bookOf(payoutId)('PayoutRequested', {
          payoutId,
          amount: money(100 * (choice + 1)),
          method: 'BANK_TRANSFER',
          requestedAt: at,
        }),
      ];
    },
    function closePayout(choice) {
      const payoutId = pending.shift();
      if (!payoutId) return [];
      expected.pendingPayouts -= 1;
      const book = bookOf(payoutId);
      const approval = { from: 'PENDING' as const, destination: null, digest: 'd'.repeat(40) };
      if (choice % 3 === 0) return [book('PayoutCancelled', { payoutId, amount: '1.00', from: 'PENDING', by: userId })];
      const approved = book('PayoutApproved', { payoutId, amount: '1.00', by: null, ...approval });
      if (choice % 3 === 1) return [approved];
      return [approved, book('PayoutRejected', { payoutId, amount: '1.00', from: 'APPROVED', by: null })];
    },
    function freeze(choice) {
      return [choice % 2 === 0 ? wallet('WalletFrozen', {}) : fanWallet('WalletFrozen', {})];
    },
    function addLink(choice) {
      const linkId = fresh();
      links.push(linkId);
      expected.links += 1;
      const content = sealedValue(userId, { title: 't', url: 'u', ...plainLink });
      const state = { active: true, isSocial: choice % 2 === 0, scheduledStart: null, scheduledEnd: null };
      return [
        page('BioLinkAdded', { linkId, sortOrder: links.length, content, ...state }),
        onStream(`bioLinkClicks-${linkId}`, keys)('BioLinkClicked', { linkId }),
      ];
    },
    function changeLinks(choice) {
      const linkId = links[choice % links.length];
      if (!linkId) return [];
      if (choice === 0) {
        links.splice(links.indexOf(linkId), 1);
        expected.links -= 1;
        return [page('BioLinkRemoved', { linkId })];
      }
      return [
        choice % 2 === 0
          ? page('SocialLinksHidden', { linkIds: [linkId] })
          : page('BioLinksReordered', { linkIds: [...links].reverse() }),
      ];
    },
    function refer(choice) {
      const reward = { rewardId: fresh(), amount: money(choice * 100) };
      const stream = onStream(`referralReward-${reward.rewardId}`, { userId, rewardId: reward.rewardId });
      const granted = stream('ReferralRewardGranted', {
        ...reward,
        referrerId: userId,
        triggerType: 'RECURRING_PAYMENT',
        sourceMessageId: fresh(),
        referredUserId: fanId,
        standing: { linkId: id(6, n), linkActive: true, referrerStatus: 'ACTIVE' },
      });
      const clicked = clicks('ReferralClickTracked', { codeDigest: 'a'.repeat(40) });
      return choice % 2 === 0
        ? [clicked, granted]
        : [granted, stream('ReferralRewardClawedBack', { ...reward, cause: 'ADMIN' })];
    },
  ];

  const beginning = [
    user('UserAvatarChanged', { userId, avatarUrl: sealedValue(userId, 'a.png') }),
    creator('CreatorUpgraded', {
      creatorId,
      userId,
      bioPageId: id(3, n),
      displayName: sealedValue(userId, 'x'),
      username: sealedValue(userId, 'x'),
      usernameDigest: 'c'.repeat(40),
      bio: sealedValue(userId, 'x'),
      templateId: null,
      template: null,
      createdAt: at,
    }),
    creator('SocialAccountConnected', { userId, platform: 'X', accountDigest: 'a'.repeat(40), followerCount: n }),
    link('ReferralLinkCreated', {
      linkId: id(6, n),
      userId,
      code: sealedValue(userId, 'x'),
      codeDigest: 'a'.repeat(40),
    }),
    wallet('WalletOpened', { type: 'CREATOR', currency: 'USD' }),
    fanWallet('FundsLoaded', { sessionId: id(7, n), amount: '25.00', before: '0.00', after: '25.00' }),
  ];
  const ending = [user('UserErased', { userId })];
  return {
    userId,
    expected,
    beginning,
    ending,
    act: (action: number, choice: number) => actions[action]?.(choice) ?? [],
  };
}
