/** What must be true of names and referral rewards in every log (G44, G44b), told by plain loops over the events. */
import { categoryOf, type Recorded } from '@creator-dashboards/shared/events/index';
import { expect } from 'chai';

/** A name that was decided to be somebody's is nobody else's, as a username or as a code. */
export function expectNamesKept(facts: readonly Recorded[]): void {
  const owners = new Map<string, string>();
  for (const event of facts) {
    const digest = nameDecidedBy(event);
    if (digest === null) continue;
    const { userId } = event.metadata.keys;
    const owner = owners.get(digest) ?? userId;
    expect(userId, `${event.type} of ${event.stream} takes the name of ${owner}`).to.equal(owner);
    owners.set(digest, owner ?? '');
  }
}

function nameDecidedBy(event: Recorded): string | null {
  switch (event.type) {
    case 'UserRegistered':
      return event.data.usernameDigest;
    case 'UsernameChanged':
      return event.data.newDigest;
    case 'ReferralLinkCreated':
      return event.data.codeDigest;
    case 'ReferralCodeRepointed':
      return event.data.newCodeDigest;
    default:
      return null;
  }
}

/** Each reward is written once and taken back at most once, and of each referred user's payments one is the first. */
export function expectRewardsOnce(facts: readonly Recorded[]): void {
  const firsts = new Map<string, string>();
  const granted = new Map<string, string>();
  const takenBack = new Set<string>();
  for (const event of facts) {
    if (event.type === 'FirstPaymentClaimed') {
      expect(firsts.has(event.stream), `${event.stream} has one first payment`).to.equal(false);
      firsts.set(event.stream, event.data.messageId);
    }
    if (categoryOf(event.stream) !== 'referralReward') continue;
    if (event.type === 'ReferralRewardClawedBack') {
      expect(takenBack.has(event.stream), `${event.stream} is taken back once`).to.equal(false);
      takenBack.add(event.stream);
      expect(event.data.amount, event.stream).to.equal(granted.get(event.stream));
    } else {
      expect(granted.has(event.stream), `${event.stream} is granted once`).to.equal(false);
      granted.set(event.stream, event.type === 'ReferralRewardGranted' ? event.data.amount : '0.00');
    }
    if (event.type !== 'ReferralRewardGranted') continue;
    const { triggerType, sourceMessageId, referredUserId } = event.data;
    const isFirst = firsts.get(`referral-${referredUserId}`) === sourceMessageId;
    expect(triggerType, event.stream).to.equal(isFirst ? 'FIRST_PAYMENT' : 'RECURRING_PAYMENT');
  }
}
