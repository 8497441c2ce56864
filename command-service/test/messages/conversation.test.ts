/**
 * What may be sent next between a fan and a creator: duplicates and pending messages (G40), free messages a day (9.11), SINGLE_PAY sessions
 * (G24).
 */
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { ConversationEvent } from '@creator-dashboards/shared/events/message';
import { creatorIdOf, CreatorUserId, FanId, MessageId, newId } from '@creator-dashboards/shared/ids';
import { plus, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { conversation, conversationStream, type AdmissionLimits } from '../../src/domain/conversation.js';
import { given } from '../support/decider.js';

const [fanId, creatorUserId] = [FanId(newId()), CreatorUserId(newId())];
const creatorId = creatorIdOf(creatorUserId);
const between = { fanId, creatorId, creatorUserId };
const newMessageId = () => MessageId(newId());
const [first, second, third] = [newMessageId(), newMessageId(), newMessageId()];
const noon = '2026-04-29T12:00:00.000Z';
const digestOf = (text: string) => createHash('sha1').update(text).digest('hex'); // Forty hex digits, like one of our HMACs.
const defaults: AdmissionLimits = { duplicateWindowSeconds: 60, maxPendingPaid: 1, freePerDay: 1 };

interface Admission {
  dmType?: DmType;
  text?: string;
  at?: string;
  limits?: Partial<AdmissionLimits>;
}
const admit = (
  messageId: MessageId,
  { dmType = 'PER_MESSAGE', text = messageId, at = noon, limits }: Admission = {},
) => ({
  type: 'Admit' as const,
  fanId,
  creatorId,
  parties: { messageId, ...between },
  bodyDigest: digestOf(text),
  dmType,
  limits: { ...defaults, ...limits },
  at,
});
const withdraw = (messageId: MessageId) =>
  ({ type: 'Withdraw', fanId, creatorId, messageId, reason: 'message.send.error.interrupted' }) as const;
const settle = (messageId: MessageId, outcome: 'COMPLETED' | 'REFUNDED' | 'CHARGED_BACK') =>
  ({ type: 'Settle', fanId, creatorId, messageId, outcome }) as const;

type Command = ReturnType<typeof admit> | ReturnType<typeof withdraw> | ReturnType<typeof settle>;

/** The conversation after these commands, each of which must change something. */
function after(...commands: Command[]) {
  const events = commands.reduce<ConversationEvent[]>((so, command) => {
    const { decided } = given(conversation, ...so).when(command);
    expect(decided, `${command.type} changes nothing`).to.be.an('array').that.is.not.empty;
    return [...so, ...(decided as ConversationEvent[])];
  }, []);
  return given(conversation, ...events);
}

const admitted = (messageId: MessageId, dmType: DmType, paid: boolean, sessionId: string | null = null) => ({
  type: 'MessageAdmitted' as const,
  data: { messageId, ...between, bodyDigest: digestOf(messageId), dmType, paid, sessionId, at: noon },
});

describe('The conversation aggregate', () => {
  it('has a stream per fan and creator, and names the message of its latest event in its routing keys (9.1)', () => {
    expect(conversation.streamOf(admit(first))).to.equal(`conversation-${fanId}_${creatorId}`);
    expect(conversationStream(fanId, creatorId)).to.equal(`conversation-${fanId}_${creatorId}`);
    const both = { limits: { maxPendingPaid: 2 } };
    const { state } = after(admit(first, both), admit(second, both), settle(first, 'REFUNDED'));
    expect(conversation.keysOf(state, settle(first, 'REFUNDED'))).to.deep.equal({ messageId: first, ...between });
    expect(conversation.keysOf(state, admit(third))).to.deep.equal({ messageId: third, ...between });
  });

  it('does not compile with fan and creator swapped', () => {
    // @ts-expect-error: a fan's id is not a creator's id
    expect(conversationStream(creatorId, fanId)).not.to.equal(conversationStream(fanId, creatorId));
  });

  describe('admitting a message', () => {
    it('admits a paid message', () =>
      given(conversation)
        .when(admit(first))
        .then(admitted(first, 'PER_MESSAGE', true)));
    it('admits a free message', () =>
      given(conversation)
        .when(admit(first, { dmType: 'FREE' }))
        .then(admitted(first, 'FREE', false)));
    it('records nothing for a message it has admitted already', () => after(admit(first)).when(admit(first)).nothing());
  });

  describe('given the same text again (G40)', () => {
    const again = (at: string, limits = {}) =>
      admit(second, { text: 'hello', at, limits: { maxPendingPaid: 9, ...limits } });
    const once = admit(first, { text: 'hello' });
    it('refuses it as a duplicate within the window', () =>
      after(once)
        .when(again(plus(noon, 59 * SECOND)))
        .refused('message.send.error.duplicate'));
    it('admits it after the window', () => {
      const { decided } = after(once).when(again(plus(noon, 60 * SECOND)));
      expect(decided).to.have.length(1);
    });
    it('refuses it although the first message was settled', () =>
      after(once, settle(first, 'COMPLETED')).when(again(noon)).refused('message.send.error.duplicate'));
    it('admits it when the first message was withdrawn', () => {
      const { decided } = after(once, withdraw(first)).when(again(noon));
      expect(decided).to.have.length(1);
    });
    it('refuses it as a duplicate before any other check', () =>
      after(once)
        .when(again(noon, { maxPendingPaid: 0 }))
        .refused('message.send.error.duplicate'));
    it('remembers at most a hundred texts', () => {
      const many = Array.from({ length: 150 }, () => admit(newMessageId(), { limits: { maxPendingPaid: 999 } }));
      expect(after(...many).state.recent).to.have.length(100);
    });
  });

  describe('with paid messages pending (G40)', () => {
    it('refuses one more than the limit', () => {
      after(admit(first)).when(admit(second)).refused('message.send.error.pending_limit');
      const { decided } = after(admit(first)).when(admit(second, { limits: { maxPendingPaid: 2 } }));
      expect(decided).to.have.length(1);
    });
    for (const settled of [settle(first, 'COMPLETED'), settle(first, 'REFUNDED'), withdraw(first)])
      it(`counts one fewer after ${settled.type === 'Settle' ? settled.outcome : 'a withdrawal'}`, () => {
        const { decided } = after(admit(first), settled).when(admit(second));
        expect(decided).to.have.length(1);
      });
    it('refuses the 201st that is open, even when it is free (G44b)', () => {
      const free = { dmType: 'FREE' as const, limits: { freePerDay: 1_000 } };
      const open = Array.from({ length: 200 }, () => admit(newMessageId(), free));
      const [last, ...others] = open as [Command, ...Command[]];
      expect(after(...others).when(last).decided).to.have.length(1);
      after(...open)
        .when(admit(second, free))
        .refused('message.send.error.pending_limit');
    });
    it('does not count free messages as pending', () => {
      const { decided } = after(admit(first, { dmType: 'FREE' })).when(admit(second));
      expect(decided).to.have.length(1);
    });
  });

  describe('with free messages on a UTC day (9.11)', () => {
    const free = (at = noon, freePerDay = 1) => ({ dmType: 'FREE' as const, at, limits: { freePerDay } });
    it('counts settled free messages too', () => {
      after(admit(first, free())).when(admit(second, free())).refused('message.send.error.free_creator_limit');
      after(admit(first, free()), settle(first, 'COMPLETED'))
        .when(admit(second, free('2026-04-29T23:59:59.999Z')))
        .refused('message.send.error.free_creator_limit');
    });
    it('starts again at midnight', () => {
      const { decided } = after(admit(first, free())).when(admit(second, free('2026-04-30T00:00:00.000Z')));
      expect(decided).to.have.length(1);
    });
    it('does not count withdrawn free messages', () => {
      const { decided } = after(admit(first, free()), withdraw(first)).when(admit(second, free()));
      expect(decided).to.have.length(1);
    });
    it('still counts the free ones when messages of other types are withdrawn', () =>
      after(admit(first, free()), admit(second), withdraw(second))
        .when(admit(third, free()))
        .refused('message.send.error.free_creator_limit'));
    it('gives back no place of today for a message of yesterday that is withdrawn today', () =>
      after(
        admit(first, free('2026-04-28T23:59:59.000Z')),
        admit(second, free('2026-04-29T00:00:01.000Z')),
        withdraw(first),
      )
        .when(admit(third, free()))
        .refused('message.send.error.free_creator_limit'));
    it('counts a late message of yesterday for today', () =>
      after(admit(first, free('2026-04-29T00:00:01.000Z', 2)), admit(second, free('2026-04-28T23:59:59.000Z', 2)))
        .when(admit(third, free(noon, 2)))
        .refused('message.send.error.free_creator_limit'));
    it('still counts the free ones after any number of other messages', () => {
      const paid = Array.from({ length: 120 }, () => admit(newMessageId(), { limits: { maxPendingPaid: 999 } }));
      after(admit(first, free()), ...paid)
        .when(admit(second, free()))
        .refused('message.send.error.free_creator_limit');
    });
    it('enforces any limit', () => {
      const many = Array.from({ length: 150 }, () => admit(newMessageId(), free(noon, 150)));
      after(...many)
        .when(admit(first, free(noon, 150)))
        .refused('message.send.error.free_creator_limit');
    });
  });

  describe('withdrawing and settling a message', () => {
    const reason = 'message.send.error.interrupted';
    it('changes a pending message', () => {
      after(admit(first))
        .when(withdraw(first))
        .then({ type: 'AdmissionWithdrawn', data: { messageId: first, reason } });
      after(admit(first))
        .when(settle(first, 'REFUNDED'))
        .then({ type: 'AdmissionSettled', data: { messageId: first, outcome: 'REFUNDED' } });
    });
    it('happens once per message', () => {
      for (const end of [withdraw(first), settle(first, 'COMPLETED')]) {
        after(admit(first), end).when(withdraw(first)).nothing();
        after(admit(first), end).when(settle(first, 'REFUNDED')).nothing();
      }
    });
    it('ignores an unknown message', () => {
      given(conversation).when(withdraw(first)).nothing();
      given(conversation).when(settle(first, 'COMPLETED')).nothing();
    });
    it('ignores an event that is delivered again', () => {
      const before = after(admit(first), withdraw(first)).state;
      const again = [
        { type: 'AdmissionWithdrawn', data: { messageId: first, reason } },
        { type: 'AdmissionSettled', data: { messageId: first, outcome: 'COMPLETED' } },
      ] as const;
      for (const event of again) expect(conversation.evolve(before, event)).to.deep.equal(before);
    });
  });

  describe('with a SINGLE_PAY session (G24)', () => {
    const single = { dmType: 'SINGLE_PAY' as const };
    const opened = [admit(first, single), settle(first, 'COMPLETED')];
    it('opens the session when the first paid message completes', () => {
      given(conversation)
        .when(admit(first, single))
        .then(admitted(first, 'SINGLE_PAY', true));
      after(...opened)
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', false, first));
    });
    it('opens no session by a refund, and applies the pending limit until one opens', () => {
      after(admit(first, single)).when(admit(second, single)).refused('message.send.error.pending_limit');
      after(admit(first, single), settle(first, 'REFUNDED'))
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', true));
    });
    it('admits any number of free messages in the session, past pending and daily limits', () => {
      const none = { ...single, limits: { maxPendingPaid: 0, freePerDay: 0 } };
      const { decided } = after(...opened, admit(second, none)).when(admit(third, none));
      expect(decided).to.have.nested.property('[0].data.paid', false);
    });
    it('closes the session only by a chargeback of the message that opened it', () => {
      after(...opened, admit(second, single), settle(second, 'COMPLETED'))
        .when(admit(third, single))
        .then(admitted(third, 'SINGLE_PAY', false, first));
      after(...opened)
        .when(settle(second, 'CHARGED_BACK'))
        .nothing();
      for (const outcome of ['COMPLETED', 'REFUNDED'] as const) {
        after(...opened)
          .when(settle(first, outcome))
          .nothing();
        const again = { type: 'AdmissionSettled', data: { messageId: first, outcome } } as const;
        expect(conversation.evolve(after(...opened).state, again).sessionId).to.equal(first);
      }
      after(...opened, settle(first, 'CHARGED_BACK'))
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', true));
    });
    it('ties the session to its first message when two were pending', () => {
      const two = { ...single, limits: { maxPendingPaid: 2 } };
      after(admit(first, two), admit(second, two), settle(second, 'COMPLETED'), settle(first, 'COMPLETED'))
        .when(settle(first, 'CHARGED_BACK'))
        .nothing();
    });
    it('never opens a session for a message that was charged back before it was settled', () =>
      after(admit(first, single), settle(first, 'CHARGED_BACK')).when(settle(first, 'COMPLETED')).nothing());
    it('keeps the session when a message sent in it is charged back before it is settled', () =>
      after(...opened, admit(second, single), settle(second, 'CHARGED_BACK'))
        .when(admit(third, single))
        .then(admitted(third, 'SINGLE_PAY', false, first)));
    it('has no session for PER_MESSAGE or FREE', () => {
      after(...opened)
        .when(admit(second))
        .then(admitted(second, 'PER_MESSAGE', true));
      after(...opened)
        .when(admit(second, { dmType: 'FREE' }))
        .then(admitted(second, 'FREE', false));
    });
    it('opens no session by a PER_MESSAGE payment', () =>
      after(admit(first), settle(first, 'COMPLETED'))
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', true)));
  });
});
