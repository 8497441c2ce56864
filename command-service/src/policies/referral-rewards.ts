/** What a referral earns (G19): tracked for the referrer; no money moves (G20). */
import { configCents, configValue } from '@creator-dashboards/shared/platform-config';
import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import type { LinkStanding } from '@creator-dashboards/shared/events/referral';
import { rewardIdOf, signupRewardIdOf } from '@creator-dashboards/shared/ids';
import { toCents } from '@creator-dashboards/shared/money';
import type { Position } from '@creator-dashboards/shared/ports';
import { referral, referralStream, type ClaimFirstPayment } from '../domain/referral.js';
import { referralLink, referralLinkStream } from '../domain/referral-link.js';
import {
  isRewarded,
  referralReward,
  referralRewardStream,
  type ReferralRewardCommand,
} from '../domain/referral-reward.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, mustSucceed, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

const SIGNUP = 'record-signup';

/** Counts a referred new user on the referrer's link; nothing if there was none (G23) or it is disabled. */
export const recordSignup = policy({
  name: SIGNUP,
  onlyOnce: true,
  on: ['UserRegistered'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId: referredUserId, referredBy: referrerId } = event.data;
    if (referrerId === null) return [];
    const standing = await standingOf(service, referrerId);
    if (!standing || !(await hadLink(service, referrerId, event.position))) return [];
    const rewardId = signupRewardIdOf(referredUserId, referrerId);
    const command: ReferralRewardCommand = { type: 'RecordSignup', rewardId, referrerId, referredUserId, standing };
    const context = followUp(service, event, SIGNUP, referralRewardStream(rewardId));
    return eventsOf(await service.commands.handle(referralReward, command, context));
  },
});

/** How many abandoned attempts to create the link may precede it in its stream. */
const ATTEMPTS_MAX = 20;

/** Whether the referrer had a link at that position: a later one counts no earlier signup (G23), whenever this runs. */
async function hadLink(service: CommandService, referrer: string, at: Position): Promise<boolean> {
  const earliest = await service.events.readStream(referralLinkStream(referrer), { limit: ATTEMPTS_MAX + 1 });
  return earliest.some(({ type, position }) => type === 'ReferralLinkCreated' && position < at);
}

/** The present state of the referrer's link and account, which decides on rewards (G55); null without a link. */
async function standingOf(service: CommandService, referrerId: string): Promise<LinkStanding | null> {
  const { linkId, active } = (await service.commands.load(referralLink, referralLinkStream(referrerId))).state;
  const { status } = (await service.commands.load(user, userStream(referrerId))).state;
  return linkId === null ? null : { linkId, linkActive: active, referrerStatus: status };
}

const NAME = 'referral-rewards';

/** Grants and claws back in one policy, so that a message's reward always comes before its clawback. */
export const referralRewards = policy({
  name: NAME,
  onlyOnce: true,
  on: ['MessageCompleted', 'MessageChargedBack'],
  keyOf: ({ metadata }) => metadata.keys.messageId,
  react: (event, service) => (event.type === 'MessageCompleted' ? reward(event, service) : clawBack(event, service)),
});

async function reward(event: Recorded<EventNamed<'MessageCompleted'>>, service: CommandService) {
  const { settlement } = event.data;
  const referred = settlement && (await referralOf(event, service));
  const standing = referred && (await standingOf(service, referred.referrerId));
  if (!referred || !standing) return [];
  const payment = {
    ...referred,
    standing,
    gross: toCents(settlement.gross),
    commission: toCents(settlement.commission),
  };
  if (!isRewarded(payment)) return []; // else her first payment would be claimed for nothing
  const claim = await claimFirstPayment(event, service, payment);
  const config = await service.lookups.config();
  const command: ReferralRewardCommand = {
    type: 'Grant',
    ...payment,
    isFirst: claim.state.firstPayment === payment.messageId,
    firstReward: configCents(config, 'referral.first_payment_reward'),
    recurringPercent: configValue(config, 'referral.recurring_percent'),
  };
  const context = followUp(service, event, NAME, referralRewardStream(payment.rewardId));
  return [...claim.events, ...eventsOf(await service.commands.handle(referralReward, command, context))];
}

async function claimFirstPayment(
  event: Recorded,
  service: CommandService,
  { referredUserId, messageId }: { readonly referredUserId: string; readonly messageId: string },
) {
  const context = followUp(service, event, NAME, referralStream(referredUserId));
  const claim: ClaimFirstPayment = { type: 'ClaimFirstPayment', referredUserId, messageId };
  return mustSucceed(await service.commands.handle(referral, claim, context));
}

/** Only a completed payment earns a reward, so only its chargeback claws one back (domain 9.5). */
async function clawBack(event: Recorded<EventNamed<'MessageChargedBack'>>, service: CommandService) {
  const referred = await referralOf(event, service);
  if (!referred) return [];
  const { rewardId } = referred;
  const context = followUp(service, event, NAME, referralRewardStream(rewardId));
  const command: ReferralRewardCommand = { type: 'ClawBack', rewardId, cause: 'CHARGEBACK' };
  return eventsOf(await service.commands.handle(referralReward, command, context));
}

/** Who referred the payer of a message, and the id of its reward, granted or not; null if nobody did. */
async function referralOf(event: Recorded, service: CommandService) {
  const keys = routingKeys(event, 'messageId', 'fanId', 'creatorUserId');
  const { messageId, fanId: referredUserId, creatorUserId: receiverId } = keys;
  const { referredBy: referrerId } = (await service.commands.load(user, userStream(referredUserId))).state;
  if (referrerId === null) return null;
  return { rewardId: rewardIdOf(messageId, referrerId), referrerId, referredUserId, receiverId, messageId };
}
