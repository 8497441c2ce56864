/** Every aggregate, with the categories of its streams. */
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { bioLinkClicks } from './bio-link-clicks.js';
import { bioPage } from './bio-page.js';
import { block } from './block.js';
import { checkout } from './checkout.js';
import { conversation } from './conversation.js';
import { creator } from './creator/creator.js';
import { creatorWallet } from './creator-wallet.js';
import type { Decider } from './decider.js';
import { fanWallet } from './fan-wallet.js';
import { integrityChecks } from './integrity-checks.js';
import { message } from './message.js';
import { moneyDifference } from './money-difference.js';
import { payoutBook } from './payout-book.js';
import { killSwitch, platformConfig } from './platform-config.js';
import { pointer } from './pointer.js';
import { referral } from './referral.js';
import { referralClicks } from './referral-clicks.js';
import { referralLink } from './referral-link.js';
import { referralReward } from './referral-reward.js';
import { reservation } from './reservation.js';
import { user } from './user.js';

/** A decider, whatever its commands and its state. */
export type AnyDecider = Decider<object, never, DomainEvent>;

const withOwnStreams = [
  ...[bioLinkClicks, bioPage, block, checkout, conversation, creator, creatorWallet, fanWallet, killSwitch, message],
  ...[
    integrityChecks,
    moneyDifference,
    payoutBook,
    platformConfig,
    referral,
    referralClicks,
    referralLink,
    referralReward,
    user,
  ],
].map((decider) => [decider.category, decider as unknown as AnyDecider] as const);

/** By the category of a stream. */
export const deciders: ReadonlyMap<string, AnyDecider> = new Map([
  ...withOwnStreams,
  ...['kycSession', 'stripeAccount'].map((category) => [category, pointer as unknown as AnyDecider] as const),
  ...['email', 'name', 'socialAccount'].map((category) => [category, reservation as unknown as AnyDecider] as const),
]);
