/** What may be sent next between a fan and a creator (domain 5, G24, G40, 9.11). */
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
const digestOf = (text: string) => createHash('sha1').update(text).digest('hex'); // forty hex digits, like an HMAC of ours
const defaults: AdmissionLimits = { duplicateWindowSeconds: 60, maxPendingPaid: 1, freePerDay: 1 };

interface Asked {
  dmType?: DmType;
  text?: string;
  at?: string;
  limits?: Partial<AdmissionLimits>;
}
const admit = (messageId: MessageId, { dmType = 'PER_MESSAGE', text = messageId, at = noon, limits }: Asked = {}) => ({
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

/** The conversation after these commands, each of which changed something. */
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

describe('A conversation', () => {
  it('has a stream per fan and creator, and keys that name the message of its newest event (9.1)', () => {
    expect(conversation.streamOf(admit(first))).to.equal(`conversation-${fanId}_${creatorId}`);
    expect(conversationStream(fanId, creatorId)).to.equal(`conversation-${fanId}_${creatorId}`);
    const both = { limits: { maxPendingPaid: 2 } };
    const { state } = after(admit(first, both), admit(second, both), settle(first, 'REFUNDED'));
    expect(conversation.keysOf(state, settle(first, 'REFUNDED'))).to.deep.equal({ messageId: first, ...between });
    expect(conversation.keysOf(state, admit(third))).to.deep.equal({ messageId: third, ...between });
  });

  it('cannot be named the wrong way round', () => {
    // @ts-expect-error: a fan's id is no creator's
    expect(conversationStream(creatorId, fanId)).not.to.equal(conversationStream(fanId, creatorId));
  });

  describe('admits', () => {
    it('a paid message', () =>
      given(conversation)
        .when(admit(first))
        .then(admitted(first, 'PER_MESSAGE', true)));
    it('a free message', () =>
      given(conversation)
        .when(admit(first, { dmType: 'FREE' }))
        .then(admitted(first, 'FREE', false)));
    it('one that has its place already', () => after(admit(first)).when(admit(first)).nothing());
  });

  describe('takes the same words for a duplicate (G40)', () => {
    const again = (at: string, limits = {}) =>
      admit(second, { text: 'hello', at, limits: { maxPendingPaid: 9, ...limits } });
    const once = admit(first, { text: 'hello' });
    it('within the window', () =>
      after(once)
        .when(again(plus(noon, 59 * SECOND)))
        .refused('message.send.error.duplicate'));
    it('not after it', () => {
      const { decided } = after(once).when(again(plus(noon, 60 * SECOND)));
      expect(decided).to.have.length(1);
    });
    it('also when the first is settled', () =>
      after(once, settle(first, 'COMPLETED')).when(again(noon)).refused('message.send.error.duplicate'));
    it('not when the first was withdrawn', () => {
      const { decided } = after(once, withdraw(first)).when(again(noon));
      expect(decided).to.have.length(1);
    });
    it('before it looks at anything else', () =>
      after(once)
        .when(again(noon, { maxPendingPaid: 0 }))
        .refused('message.send.error.duplicate'));
    it('and remembers no more than a hundred', () => {
      const many = Array.from({ length: 150 }, () => admit(newMessageId(), { limits: { maxPendingPaid: 999 } }));
      expect(after(...many).state.recent).to.have.length(100);
    });
  });

  describe('has at most so many paid messages pending (G40)', () => {
    it('as the limit says', () => {
      after(admit(first)).when(admit(second)).refused('message.send.error.pending_limit');
      const { decided } = after(admit(first)).when(admit(second, { limits: { maxPendingPaid: 2 } }));
      expect(decided).to.have.length(1);
    });
    for (const settled of [settle(first, 'COMPLETED'), settle(first, 'REFUNDED'), withdraw(first)])
      it(`and one less after ${settled.type === 'Settle' ? settled.outcome : 'a withdrawal'}`, () => {
        const { decided } = after(admit(first), settled).when(admit(second));
        expect(decided).to.have.length(1);
      });
    it('free ones not counted', () => {
      const { decided } = after(admit(first, { dmType: 'FREE' })).when(admit(second));
      expect(decided).to.have.length(1);
    });
  });

  describe('has so many free messages a UTC day (9.11)', () => {
    const free = (at = noon, freePerDay = 1) => ({ dmType: 'FREE' as const, at, limits: { freePerDay } });
    it('settled ones too', () => {
      after(admit(first, free())).when(admit(second, free())).refused('message.send.error.free_creator_limit');
      after(admit(first, free()), settle(first, 'COMPLETED'))
        .when(admit(second, free('2026-04-29T23:59:59.999Z')))
        .refused('message.send.error.free_creator_limit');
    });
    it('and begins anew at midnight', () => {
      const { decided } = after(admit(first, free())).when(admit(second, free('2026-04-30T00:00:00.000Z')));
      expect(decided).to.have.length(1);
    });
    it('withdrawn ones not counted', () => {
      const { decided } = after(admit(first, free()), withdraw(first)).when(admit(second, free()));
      expect(decided).to.have.length(1);
    });
    it('however many of other types are withdrawn', () =>
      after(admit(first, free()), admit(second), withdraw(second))
        .when(admit(third, free()))
        .refused('message.send.error.free_creator_limit'));
    it('one of yesterday that is withdrawn today gives no place of today back', () =>
      after(
        admit(first, free('2026-04-28T23:59:59.000Z')),
        admit(second, free('2026-04-29T00:00:01.000Z')),
        withdraw(first),
      )
        .when(admit(third, free()))
        .refused('message.send.error.free_creator_limit'));
    it('one that comes late from yesterday counts for today', () =>
      after(admit(first, free('2026-04-29T00:00:01.000Z', 2)), admit(second, free('2026-04-28T23:59:59.000Z', 2)))
        .when(admit(third, free(noon, 2)))
        .refused('message.send.error.free_creator_limit'));
    it('however many of other types came since', () => {
      const paid = Array.from({ length: 120 }, () => admit(newMessageId(), { limits: { maxPendingPaid: 999 } }));
      after(admit(first, free()), ...paid)
        .when(admit(second, free()))
        .refused('message.send.error.free_creator_limit');
    });
    it('at a limit of any number', () => {
      const many = Array.from({ length: 150 }, () => admit(newMessageId(), free(noon, 150)));
      after(...many)
        .when(admit(first, free(noon, 150)))
        .refused('message.send.error.free_creator_limit');
    });
  });

  describe('withdraws and settles', () => {
    const reason = 'message.send.error.interrupted';
    it('what is open', () => {
      after(admit(first))
        .when(withdraw(first))
        .then({ type: 'AdmissionWithdrawn', data: { messageId: first, reason } });
      after(admit(first))
        .when(settle(first, 'REFUNDED'))
        .then({ type: 'AdmissionSettled', data: { messageId: first, outcome: 'REFUNDED' } });
    });
    it('once', () => {
      for (const end of [withdraw(first), settle(first, 'COMPLETED')]) {
        after(admit(first), end).when(withdraw(first)).nothing();
        after(admit(first), end).when(settle(first, 'REFUNDED')).nothing();
      }
    });
    it('nothing that it does not know', () => {
      given(conversation).when(withdraw(first)).nothing();
      given(conversation).when(settle(first, 'COMPLETED')).nothing();
    });
    it('nothing by an event that comes again', () => {
      const before = after(admit(first), withdraw(first)).state;
      const again = [
        { type: 'AdmissionWithdrawn', data: { messageId: first, reason } },
        { type: 'AdmissionSettled', data: { messageId: first, outcome: 'COMPLETED' } },
      ] as const;
      for (const event of again) expect(conversation.evolve(before, event)).to.deep.equal(before);
    });
  });

  describe('has a SINGLE_PAY session (G24)', () => {
    const single = { dmType: 'SINGLE_PAY' as const };
    const opened = [admit(first, single), settle(first, 'COMPLETED')];
    it('that opens when the first paid message completes', () => {
      given(conversation)
        .when(admit(first, single))
        .then(admitted(first, 'SINGLE_PAY', true));
      after(...opened)
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', false, first));
    });
    it('not when it is refunded; the pending cap applies until it opens', () => {
      after(admit(first, single)).when(admit(second, single)).refused('message.send.error.pending_limit');
      after(admit(first, single), settle(first, 'REFUNDED'))
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', true));
    });
    it('in which any number is free, past cap and daily limit', () => {
      const none = { ...single, limits: { maxPendingPaid: 0, freePerDay: 0 } };
      const { decided } = after(...opened, admit(second, none)).when(admit(third, none));
      expect(decided).to.have.nested.property('[0].data.paid', false);
    });
    it('that closes only by a chargeback of the message that opened it', () => {
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
    it('that stays with its first message when two were pending', () => {
      const two = { ...single, limits: { maxPendingPaid: 2 } };
      after(admit(first, two), admit(second, two), settle(second, 'COMPLETED'), settle(first, 'COMPLETED'))
        .when(settle(first, 'CHARGED_BACK'))
        .nothing();
    });
    it('that never opens when the message was charged back before it was settled', () =>
      after(admit(first, single), settle(first, 'CHARGED_BACK')).when(settle(first, 'COMPLETED')).nothing());
    it('that stays open when a message sent in it is charged back before it is settled', () =>
      after(...opened, admit(second, single), settle(second, 'CHARGED_BACK'))
        .when(admit(third, single))
        .then(admitted(third, 'SINGLE_PAY', false, first)));
    it('is none of PER_MESSAGE, nor of FREE', () => {
      after(...opened)
        .when(admit(second))
        .then(admitted(second, 'PER_MESSAGE', true));
      after(...opened)
        .when(admit(second, { dmType: 'FREE' }))
        .then(admitted(second, 'FREE', false));
    });
    it('is not opened by a PER_MESSAGE payment', () =>
      after(admit(first), settle(first, 'COMPLETED'))
        .when(admit(second, single))
        .then(admitted(second, 'SINGLE_PAY', true)));
  });
});
