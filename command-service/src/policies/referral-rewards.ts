/** What a referral earns (G19, G20): tracked on the referrer's link, no money moves. */
import { configCents, configValue } from '@creator-dashboards/shared/platform-config';
import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { toCents } from '@creator-dashboards/shared/money';
import type { Position } from '@creator-dashboards/shared/ports';
import { currentConfig } from '../runtime/current-config.js';
import { referralLink, referralLinkStream, rewardIdOf } from '../domain/referral-link.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { routingKeys } from './routing-keys.js';

/** A new user that somebody referred is counted on the link; without one (G23) or on a disabled one nothing is. */
export const recordSignup = policy({
  name: 'record-signup',
  on: ['UserRegistered'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId: referredUserId, referredBy } = event.data;
    if (referredBy === null || !(await hadLink(service, referredBy, event.position))) return [];
    const context = followUp(service, event, 'record-signup', referralLinkStream(referredBy));
    const command = { type: 'RecordSignup' as const, userId: referredBy, referredUserId };
    return eventsOf(await service.commands.handle(referralLink, command, context));
  },
});

/** Attempts to make a link that may stand before it in its stream. */
const ATTEMPTS_MAX = 20;

/** Whether the referrer had a link by then: a later one counts no earlier signup (G23), whenever this runs. */
async function hadLink(service: CommandService, referrer: string, at: Position): Promise<boolean> {
  const earliest = await service.events.readStream(referralLinkStream(referrer), { limit: ATTEMPTS_MAX + 1 });
  return earliest.some(({ type, position }) => type === 'ReferralLinkCreated' && position < at);
}

const NAME = 'referral-rewards';

/** Both in one policy, so that of one message the reward always comes before its clawback. */
export const referralRewards = policy({
  name: NAME,
  on: ['MessageCompleted', 'MessageChargedBack'],
  keyOf: ({ metadata }) => metadata.keys.messageId,
  react: (event, service) => (event.type === 'MessageCompleted' ? reward(event, service) : clawBack(event, service)),
});

async function reward(event: Recorded<EventNamed<'MessageCompleted'>>, service: CommandService) {
  const { settlement } = event.data;
  const referral = settlement && (await referralOf(event, service));
  if (!referral) return [];
  const { referrer: userId, fanId: referredUserId, messageId } = referral;
  const config = await currentConfig(service);
  const command = {
    type: 'Grant' as const,
    userId,
    referredUserId,
    messageId,
    commission: toCents(settlement.commission),
    firstReward: configCents(config, 'referral.first_payment_reward'),
    recurringPercent: configValue(config, 'referral.recurring_percent'),
  };
  const context = followUp(service, event, NAME, referralLinkStream(userId));
  return eventsOf(await service.commands.handle(referralLink, command, context));
}

/** Only earned money was rewarded (domain 9.5). */
async function clawBack(event: Recorded<EventNamed<'MessageChargedBack'>>, service: CommandService) {
  const referral = event.data.from === 'COMPLETED' ? await referralOf(event, service) : null;
  if (!referral) return [];
  const { referrer: userId, messageId } = referral;
  const command = { type: 'ClawBack' as const, userId, rewardId: rewardIdOf(messageId), cause: 'CHARGEBACK' as const };
  const context = followUp(service, event, NAME, referralLinkStream(userId));
  return eventsOf(await service.commands.handle(referralLink, command, context));
}

/** Who referred the payer of a message; null for nobody. */
async function referralOf(event: Recorded, service: CommandService) {
  const { messageId, fanId } = routingKeys(event, 'messageId', 'fanId');
  const { referredBy: referrer } = (await service.commands.load(user, userStream(fanId))).state;
  return referrer === null ? null : { referrer, fanId, messageId };
}
