import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
import { newId } from '@creator-dashboards/shared/ids';
import { toCents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { isRefusal } from '@creator-dashboards/shared/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  digestsInUse,
  referralLink,
  referralLinkStream,
  rewardIdOf,
  signupRewardIdOf,
  type ReferralLinkCommand,
  type ReferralLinkState,
} from '../../src/domain/referral-link.js';
import { given } from '../support/decider.js';

const userId = newId();
const linkId = newId();
const commandId = newId();
const [messageId, later, referredUserId, another] = [newId(), newId(), newId(), newId()];
const code = (ciphertext: string): Sealed<string> => ({ subject: userId, nonce: 'n', ciphertext, tag: 't' });

const create: ReferralLinkCommand = {
  type: 'Create',
  userId,
  linkId,
  commandId,
  code: code('ada'),
  codeDigest: 'ada1',
};
const created: ReferralLinkEvent = {
  type: 'ReferralLinkCreated',
  data: { linkId, userId, code: code('ada'), codeDigest: 'ada1' },
};
const repoint = (name: string): ReferralLinkCommand => ({
  type: 'Repoint',
  userId,
  commandId,
  code: code(name),
  codeDigest: `${name}1`,
});
const repointed = (from: string, to: string): ReferralLinkEvent => ({
  type: 'ReferralCodeRepointed',
  data: { oldCode: code(from), newCode: code(to), oldCodeDigest: `${from}1`, newCodeDigest: `${to}1` },
});
const closed: ReferralLinkEvent = {
  type: 'CommandAbandoned',
  data: { commandId, userId, code: 'referral.link.interrupted' },
};
const disabled: ReferralLinkEvent = { type: 'ReferralLinkDisabled', data: {} };
const enabled: ReferralLinkEvent = { type: 'ReferralLinkEnabled', data: {} };

const signup: ReferralLinkCommand = { type: 'RecordSignup', userId, referredUserId };
const signedUp: ReferralLinkEvent = {
  type: 'ReferralSignupRecorded',
  data: { referredUserId, rewardId: signupRewardIdOf(referredUserId) },
};

/** For a commission of 4.00, with the default config: 5.00 first, then 10 %. */
const grant = (of = messageId, payer = referredUserId): ReferralLinkCommand => ({
  type: 'Grant',
  userId,
  referredUserId: payer,
  messageId: of,
  commission: 400,
  firstReward: 500,
  recurringPercent: 10,
});
const granted = (
  triggerType: 'FIRST_PAYMENT' | 'RECURRING_PAYMENT',
  amount: string,
  sourceMessageId = messageId,
  payer = referredUserId,
): ReferralLinkEvent => ({
  type: 'ReferralRewardGranted',
  data: { rewardId: rewardIdOf(sourceMessageId), triggerType, amount, sourceMessageId, referredUserId: payer },
});
const first = granted('FIRST_PAYMENT', '5.00');

const clawBack = (rewardId: string, cause: 'ADMIN' | 'CHARGEBACK' = 'ADMIN'): ReferralLinkCommand => ({
  type: 'ClawBack',
  userId,
  rewardId,
  cause,
});
const clawedBack = (rewardId: string, amount: string, cause: 'ADMIN' | 'CHARGEBACK' = 'ADMIN'): ReferralLinkEvent => ({
  type: 'ReferralRewardClawedBack',
  data: { rewardId, amount, cause },
});

describe('The referral link aggregate', () => {
  describe('creating', () => {
    it('creates the link', () => given(referralLink).when(create).then(created));
    it('happens once per user', () =>
      given(referralLink, created)
        .when({ ...create, commandId: newId() })
        .nothing());
    it('is refused to a closed command (9.2), but not to the next one', () => {
      given(referralLink, closed).when(create).refused('referral.link.interrupted');
      given(referralLink, closed)
        .when({ ...create, commandId: newId() })
        .then(created);
    });
  });

  describe('following a rename', () => {
    it('keeps the old code as an alias', () => {
      given(referralLink, created).when(repoint('bea')).then(repointed('ada', 'bea'));
      expect(given(referralLink, created, repointed('ada', 'bea')).state.aliases).to.deep.equal(['ada1']);
    });
    it('does nothing when the link has that code already', () =>
      given(referralLink, created).when(repoint('ada')).nothing());
    it('does nothing without a link', () => given(referralLink).when(repoint('bea')).nothing());
    it('returns to an alias, which then is none any more', () => {
      const there = [created, repointed('ada', 'bea')];
      given(referralLink, ...there)
        .when(repoint('ada'))
        .then(repointed('bea', 'ada'));
      expect(given(referralLink, ...there, repointed('bea', 'ada')).state.aliases).to.deep.equal(['bea1']);
    });
    it('is refused to a closed command (9.2)', () =>
      given(referralLink, created, closed).when(repoint('bea')).refused('referral.link.interrupted'));
  });

  describe('closing a command that reserved a code and stopped (9.2)', () => {
    const abandon = (...reserved: string[]): ReferralLinkCommand => ({
      type: 'Abandon',
      userId,
      commandId,
      reserved,
      code: 'referral.link.interrupted',
    });
    it('closes it when it was not decided', () => given(referralLink).when(abandon('ada1')).then(closed));
    it('does nothing when the reserved value became the code or an alias', () => {
      given(referralLink, created).when(abandon('ada1')).nothing();
      given(referralLink, created, repointed('ada', 'bea')).when(abandon('ada1')).nothing();
    });
    it('happens once', () => given(referralLink, closed).when(abandon('ada1')).nothing());
    it('knows which values are in use: the code and every alias, none before the link exists', () => {
      expect(digestsInUse(given(referralLink).state)).to.deep.equal([]);
      expect(digestsInUse(given(referralLink, created, repointed('ada', 'bea')).state)).to.deep.equal(['bea1', 'ada1']);
    });
  });

  describe('recording signups (3.4)', () => {
    it('counts each referred user once', () => {
      given(referralLink, created).when(signup).then(signedUp);
      given(referralLink, created, signedUp).when(signup).nothing();
    });
    it('does nothing while disabled or without a link (G22, G23)', () => {
      given(referralLink, created, disabled).when(signup).nothing();
      given(referralLink).when(signup).nothing();
    });
    it('resumes once enabled', () => given(referralLink, created, disabled, enabled).when(signup).then(signedUp));
  });

  describe('granting rewards (G19)', () => {
    it('grants a fixed amount for the first payment', () => given(referralLink, created).when(grant()).then(first));
    it('grants a share of the commission for later payments', () =>
      given(referralLink, created, first)
        .when(grant(later))
        .then(granted('RECURRING_PAYMENT', '0.40', later)));
    it('rounds the share half up to cents', () =>
      given(referralLink, created, first)
        .when({ ...grant(later), commission: 45 } as ReferralLinkCommand)
        .then(granted('RECURRING_PAYMENT', '0.05', later)));
    it('grants a first payment for each referred user', () =>
      given(referralLink, created, first)
        .when(grant(later, another))
        .then(granted('FIRST_PAYMENT', '5.00', later, another)));
    it('remembers each paying user once', () => {
      const { state } = given(referralLink, created, first, granted('RECURRING_PAYMENT', '0.40', later));
      expect(state.paying).to.deep.equal([referredUserId]);
    });
    it('grants once per message', () => given(referralLink, created, first).when(grant()).nothing());
    it('grants nothing while disabled or without a link', () => {
      given(referralLink, created, disabled).when(grant()).nothing();
      given(referralLink).when(grant()).nothing();
    });
    it('grants no second first payment after the first was clawed back (3.4)', () =>
      given(referralLink, created, first, clawedBack(rewardIdOf(messageId), '5.00'))
        .when(grant(later))
        .then(granted('RECURRING_PAYMENT', '0.40', later)));
    it('grants nothing for a message whose reward was clawed back', () =>
      given(referralLink, created, first, clawedBack(rewardIdOf(messageId), '5.00'))
        .when(grant())
        .nothing());
  });

  describe('clawing back (G21)', () => {
    const rewardId = rewardIdOf(messageId);
    it('takes back the amount that was granted', () =>
      given(referralLink, created, first).when(clawBack(rewardId)).then(clawedBack(rewardId, '5.00')));
    it('happens once; a second time does nothing', () =>
      given(referralLink, created, first, clawedBack(rewardId, '5.00')).when(clawBack(rewardId)).nothing());
    it('takes back zero for a registration', () =>
      given(referralLink, created, signedUp)
        .when(clawBack(signupRewardIdOf(referredUserId)))
        .then(clawedBack(signupRewardIdOf(referredUserId), '0.00')));
    it('works while the link is disabled', () =>
      given(referralLink, created, first, disabled).when(clawBack(rewardId)).then(clawedBack(rewardId, '5.00')));
    it('of an unknown reward is a 404 to an admin and does nothing for a chargeback', () => {
      given(referralLink, created).when(clawBack(rewardId)).refused('referral.reward.not_found');
      given(referralLink, created).when(clawBack(rewardId, 'CHARGEBACK')).nothing();
    });
  });

  describe('switching by an admin (3.4)', () => {
    it('disables and enables the link', () => {
      given(referralLink, created).when({ type: 'Disable', userId }).then(disabled);
      given(referralLink, created, disabled).when({ type: 'Enable', userId }).then(enabled);
    });
    it('is refused without a change or without a link', () => {
      given(referralLink, created).when({ type: 'Enable', userId }).refused('referral.link.unchanged');
      given(referralLink, created, disabled).when({ type: 'Disable', userId }).refused('referral.link.unchanged');
      given(referralLink).when({ type: 'Disable', userId }).refused('referral.link.not_found');
      given(referralLink, closed).when({ type: 'Enable', userId }).refused('referral.link.not_found');
    });
  });

  it('has a stream per user', () => {
    expect(referralLinkStream(userId)).to.equal(`referralLink-${userId}`);
    expect(referralLink.streamOf(create)).to.equal(`referralLink-${userId}`);
  });

  it('puts the id of the reward into the routing keys (9.4)', () => {
    const { keysOf, initial } = referralLink;
    expect(keysOf(initial, grant())).to.deep.equal({ userId, rewardId: rewardIdOf(messageId) });
    expect(keysOf(initial, signup)).to.deep.equal({ userId, rewardId: signupRewardIdOf(referredUserId) });
    expect(keysOf(initial, clawBack('r'))).to.deep.equal({ userId, rewardId: 'r' });
  });

  it('holds rewards granted less rewards clawed back, after any commands in any order', () => {
    const messages = Array.from({ length: 6 }, () => newId());
    const payers = [referredUserId, another];
    const command: fc.Arbitrary<ReferralLinkCommand> = fc.oneof(
      fc
        .record({
          message: fc.constantFrom(...messages),
          payer: fc.constantFrom(...payers),
          commission: fc.nat(100_000),
        })
        .map(({ message, payer, commission }) => ({ ...grant(message, payer), commission }) as ReferralLinkCommand),
      fc
        .record({
          message: fc.constantFrom(...messages),
          cause: fc.constantFrom('ADMIN' as const, 'CHARGEBACK' as const),
        })
        .map(({ message, cause }) => clawBack(rewardIdOf(message), cause)),
      fc.constantFrom(...payers).map((payer) => ({ ...signup, referredUserId: payer })),
      fc.constantFrom('Disable' as const, 'Enable' as const).map((type) => ({ type, userId })),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        let state: ReferralLinkState = referralLink.evolve(referralLink.initial, created);
        const money = new Map<string, number>();
        let total = 0;
        for (const each of commands) {
          const decided = referralLink.decide(each, state);
          if (isRefusal(decided)) continue;
          for (const event of decided) {
            state = referralLink.evolve(state, event);
            if (event.type === 'ReferralRewardGranted') {
              expect(money.has(event.data.rewardId), 'granted once').to.equal(false);
              money.set(event.data.rewardId, toCents(event.data.amount));
              total += toCents(event.data.amount);
            }
            if (event.type === 'ReferralRewardClawedBack') {
              expect(toCents(event.data.amount)).to.equal(money.get(event.data.rewardId) ?? 0);
              money.delete(event.data.rewardId);
              total -= toCents(event.data.amount);
            }
          }
        }
        const held = Object.values(state.rewards).reduce<number>((sum, amount) => sum + (amount ?? 0), 0);
        expect(held).to.equal(total);
        expect(total).to.be.at.least(0);
      }),
    );
  });
});
