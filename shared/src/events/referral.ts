import { z } from 'zod';
import { amount, commandAbandoned, digest, event, id, triggerType, type EventOf } from './define.js';
import { kinds, sealed } from './sealed.js';

/** Stream referralLink-<userId>; keys { userId } of the referrer. Signups and rewards have streams of their own. */
export const referralLinkEvents = {
  ReferralLinkCreated: event({ linkId: id, userId: id, code: sealed(kinds.name), codeDigest: digest }),
  ReferralCodeRepointed: event({
    oldCode: sealed(kinds.name),
    newCode: sealed(kinds.name),
    oldCodeDigest: digest,
    newCodeDigest: digest,
  }),
  ReferralLinkDisabled: event({}),
  ReferralLinkEnabled: event({}),
  CommandAbandoned: commandAbandoned,
};
export type ReferralLinkEvent = EventOf<typeof referralLinkEvents>;

/** The state of the referrer's link and account when it was decided whether she earns a reward (G55). */
const standing = z.strictObject({
  linkId: id,
  linkActive: z.boolean(),
  referrerStatus: z.enum(['NONE', 'ACTIVE', 'SUSPENDED', 'DEACTIVATED', 'DELETED', 'ERASED']),
});
export type LinkStanding = Readonly<z.infer<typeof standing>>;

/** Stream referralReward-<rewardId>: recorded or granted once, clawed back once; keys { userId } of the referrer and { rewardId }. */
export const referralRewardEvents = {
  ReferralSignupRecorded: event({ rewardId: id, referrerId: id, referredUserId: id, standing }),
  ReferralRewardGranted: event({
    rewardId: id,
    referrerId: id,
    triggerType,
    amount,
    sourceMessageId: id,
    referredUserId: id,
    standing,
  }),
  ReferralRewardClawedBack: event({ rewardId: id, amount, cause: z.enum(['ADMIN', 'CHARGEBACK']) }),
};
export type ReferralRewardEvent = EventOf<typeof referralRewardEvents>;

/** Stream referral-<referredUserId>: which of her payments is the first, decided once; keys { userId } of the referred user. */
export const referralEvents = {
  FirstPaymentClaimed: event({ messageId: id }),
};
export type ReferralEvent = EventOf<typeof referralEvents>;

/** Stream referralClicks-<userId>, separate from the link so that a burst of clicks delays no decision about it; keys { userId }. */
export const referralClicksEvents = {
  ReferralClickTracked: event({ codeDigest: digest }),
};
export type ReferralClicksEvent = EventOf<typeof referralClicksEvents>;
