import { expect } from 'chai';
import fc from 'fast-check';
import { configEvents } from '../../src/events/config.js';
import { bioLinkClicksEvents, bioPageEvents, creatorEvents } from '../../src/events/creator.js';
import type { EventFamily } from '../../src/events/define.js';
import { categoryOf, definitions } from '../../src/events/index.js';
import { conversationEvents, messageEvents } from '../../src/events/message.js';
import { moneyDifferenceEvents } from '../../src/events/money.js';
import { integrityCheckEvents, integrityEvents } from '../../src/events/integrity.js';
import { accessEvents } from '../../src/events/access.js';
import { parkedEvents } from '../../src/events/parked.js';
import { payoutEvents } from '../../src/events/payout.js';
import {
  referralClicksEvents,
  referralEvents,
  referralLinkEvents,
  referralRewardEvents,
} from '../../src/events/referral.js';
import { blockEvents, pointerEvents, reservationEvents, userEvents } from '../../src/events/user.js';
import { checkoutEvents, creatorWalletEvents, fanWalletEvents } from '../../src/events/wallet.js';
import { concerns } from '../../src/fold.js';
import {
  bioLinkIdOf,
  bioPageIdOf,
  creatorIdOf,
  CreatorUserId,
  derivedId,
  FanId,
  messageIdOf,
  payoutIdOf,
  rewardIdOf,
} from '../../src/ids.js';
import type { RecordedEvent, RoutingKeys } from '../../src/ports.js';
import { views } from '../../src/views/registry.js';
import type { View } from '../../src/views/view.js';
import { metadata } from '../../testing/events.js';
import { delivered, messageId, sent } from '../../testing/fixtures/people.js';
import { history, onStream } from '../../testing/given.js';
import { outOfPartition } from '../../testing/partitions.js';
import { randomHistory } from '../../testing/random-history.js';

/** A creator who refers, and a fan whose id ends in other digits; their ids are made as commands make them. */
const creatorUserId = CreatorUserId('11111111-1111-4111-8111-1111111111c1');
const fanUserId = FanId('44444444-4444-4444-8444-4444444444f1');
const [commandId, sessionId] = [derivedId('a command'), derivedId('a session')];
const creatorId = creatorIdOf(creatorUserId);
const sentId = messageIdOf(commandId, creatorUserId);
const rewardId = rewardIdOf(derivedId('a payment'), creatorUserId);
const linkId = bioLinkIdOf(commandId, creatorUserId);
const ofCreator = { userId: creatorUserId, creatorId };
const parties = { messageId: sentId, fanId: fanUserId, creatorId, creatorUserId };
const digest = 'a'.repeat(40);

/** A stream of each kind, with the routing keys of its events (domain 5, 9.1) and the types that stand in it. */
const streams: readonly { readonly stream: string; readonly keys: RoutingKeys; readonly family: EventFamily }[] = [
  { stream: `user-${creatorUserId}`, keys: { userId: creatorUserId }, family: userEvents },
  {
    stream: `block-${creatorUserId}_${fanUserId}`,
    keys: { userId: creatorUserId, ownerId: creatorUserId },
    family: blockEvents,
  },
  { stream: `email-${digest}`, keys: { userId: creatorUserId }, family: reservationEvents },
  { stream: `name-${digest}`, keys: { userId: creatorUserId }, family: reservationEvents },
  { stream: `socialAccount-X_${digest}`, keys: { userId: creatorUserId }, family: reservationEvents },
  { stream: `kycSession-${sessionId}`, keys: ofCreator, family: pointerEvents },
  { stream: `stripeAccount-${digest}`, keys: ofCreator, family: pointerEvents },
  { stream: `creator-${creatorId}`, keys: ofCreator, family: creatorEvents },
  {
    stream: `bioPage-${bioPageIdOf(creatorUserId)}`,
    keys: { ...ofCreator, linkId },
    family: bioPageEvents,
  },
  { stream: `bioLinkClicks-${linkId}`, keys: ofCreator, family: bioLinkClicksEvents },
  { stream: `message-${sentId}`, keys: parties, family: messageEvents },
  { stream: `conversation-${fanUserId}_${creatorId}`, keys: parties, family: conversationEvents },
  { stream: `fanWallet-${fanUserId}`, keys: { userId: fanUserId }, family: fanWalletEvents },
  { stream: `creatorWallet-${creatorUserId}`, keys: ofCreator, family: creatorWalletEvents },
  { stream: `checkout-${sessionId}`, keys: { userId: fanUserId }, family: checkoutEvents },
  {
    stream: `payoutBook-${creatorId}`,
    keys: { ...ofCreator, payoutId: payoutIdOf(commandId, creatorUserId) },
    family: payoutEvents,
  },
  { stream: `referralLink-${creatorUserId}`, keys: { userId: creatorUserId }, family: referralLinkEvents },
  { stream: `referralReward-${rewardId}`, keys: { userId: creatorUserId, rewardId }, family: referralRewardEvents },
  { stream: `referral-${fanUserId}`, keys: { userId: fanUserId }, family: referralEvents },
  { stream: `referralClicks-${creatorUserId}`, keys: { userId: creatorUserId }, family: referralClicksEvents },
  { stream: 'config-all', keys: { configKey: 'dm.min_price' }, family: configEvents },
  { stream: 'killSwitch-PAYOUT', keys: { configKey: 'kill_switch.PAYOUT' }, family: configEvents },
  { stream: 'parkedDiscards-message', keys: {}, family: parkedEvents },
  { stream: `access-${creatorUserId}_2026-04-29`, keys: { userId: creatorUserId }, family: accessEvents },
  { stream: 'integrityHeads-all', keys: {}, family: integrityEvents },
  { stream: 'integrityChecks-all', keys: {}, family: integrityCheckEvents },
  { stream: 'moneyDifference-0f8fad5b-d9cb-469f-a165-70867728950e', keys: {}, family: moneyDifferenceEvents },
];

/** Every type there is on every stream, also where it never stands: a view takes what it handles from all categories it reads. */
function everyEventEverywhere(): RecordedEvent[] {
  return streams.flatMap(({ stream, keys }) =>
    Object.keys(definitions).map((type, index) => ({
      ...{ id: derivedId(stream, type), type, data: {}, metadata: metadata({ keys }) },
      ...{ stream, revision: BigInt(index), position: BigInt(index + 1) },
    })),
  );
}

const split = Object.values<View>(views).filter((view) => view.partition === 'streamSuffix');

describe('The partition of a view', () => {
  for (const view of split)
    it(`is shared by every stream that ${view.name} reads and its document's key: both end in the same two hex digits (9.1)`, () => {
      const met = new Set<string>();
      fc.assert(
        fc.property(randomHistory, ({ log }) => {
          expect(outOfPartition(view, log)).to.deep.equal([]);
          for (const event of log) if (concerns(view, event)) met.add(categoryOf(event.stream));
        }),
        { numRuns: 50 },
      );
      expect([...met], 'the histories have streams of each category').to.have.members([...view.categories]);
    });

  for (const view of split)
    it(`holds for every event type on every kind of stream: ${view.name} takes none whose stream ends otherwise than its key (9.1)`, () => {
      expect(outOfPartition(view, everyEventEverywhere())).to.deep.equal([]);
      const categories = streams.map(({ stream }) => categoryOf(stream));
      expect(categories, 'a stream of each category that it reads').to.include.members([...view.categories]);
    });

  it('is tested with every event type there is, each on a stream of its own family', () => {
    const types = new Set(streams.flatMap(({ family }) => Object.keys(family)));
    expect([...types]).to.have.members(Object.keys(definitions));
  });

  it('detects a view that takes the events of streams which end in other digits', () => {
    const wrong = {
      ...views.fanWallet,
      name: 'wrong',
      categories: ['checkout'],
      handlers: { CheckoutStarted: () => ({}) },
    };
    expect(outOfPartition(wrong, everyEventEverywhere())).to.deep.equal([
      `wrong ${fanUserId}: CheckoutStarted of checkout-${sessionId}`,
    ]);
  });

  it('detects an event of a stream that ends in other digits', () => {
    const keys = history([sent()])[0]?.metadata.keys ?? {};
    const elsewhere = onStream('message-66666666-6666-4666-8666-6666666666d2', keys);
    const log = history([sent(), delivered(), elsewhere('MessageDelivered', delivered().event.data as never)]);
    expect(outOfPartition(views.message, log)).to.deep.equal([
      `message ${messageId}: MessageDelivered of message-66666666-6666-4666-8666-6666666666d2`,
    ]);
  });
});
