import { z } from 'zod';
import { amount, commandAbandoned, digest, event, id, sealed, triggerType, type EventOf } from './define.js';

/** Stream referralLink-<userId>; keys { userId } of the referrer. */
export const referralLinkEvents = {
  ReferralLinkCreated: event({ linkId: id, userId: id, code: sealed<string>(), codeDigest: digest }),
  ReferralCodeRepointed: event({
    oldCode: sealed<string>(),
    newCode: sealed<string>(),
    oldCodeDigest: digest,
    newCodeDigest: digest,
  }),
  ReferralSignupRecorded: event({ referredUserId: id, rewardId: id }),
  ReferralRewardGranted: event({
    rewardId: id,
    triggerType,
    amount,
    sourceMessageId: id,
    referredUserId: id,
  }),
  ReferralRewardClawedBack: event({ rewardId: id, amount, cause: z.enum(['ADMIN', 'CHARGEBACK']) }),
  ReferralLinkDisabled: event({}),
  ReferralLinkEnabled: event({}),
  CommandAbandoned: commandAbandoned,
};
export type ReferralLinkEvent = EventOf<typeof referralLinkEvents>;

/** Stream referralClicks-<userId>, apart from the link so that a burst of clicks delays nothing; keys { userId }. */
export const referralClicksEvents = {
  ReferralClickTracked: event({ codeDigest: digest }),
};
export type ReferralClicksEvent = EventOf<typeof referralClicksEvents>;
