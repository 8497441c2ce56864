import { expect } from 'chai';
import { conversation } from '../../../src/views/conversation/fold.js';
import {
  at,
  creatorId,
  creatorUserId,
  delivered,
  expired,
  fanId,
  idOf,
  later,
  message,
  rejected,
  replied,
  sent,
  settlement,
  strangerId,
} from '../../../testing/fixtures/people.js';
import { documentAfter } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

const key = `${fanId}_${creatorUserId}`;

describe('conversation: what each event changes', () => {
  const early = '2026-01-01T00:00:00.000Z';
  const full = {
    fanId: strangerId,
    creatorId: strangerId,
    creatorUserId: strangerId,
    open: 3,
    withCreators: `${strangerId} ${early}`,
    withFans: `${strangerId} ${early}`,
  };
  const hers = { creatorUserId, fanId };
  const chargedBack = message()('MessageChargedBack', { ...settlement, from: 'ESCROWED', at: later });
  eachEventChangesOnly(conversation, full, [
    [
      sent(),
      { fanId, creatorId, creatorUserId, withCreators: `${fanId} ${at}` },
      { withCreators: `${fanId} ${early}` },
    ],
    [delivered(), { open: 4, withFans: `${creatorUserId} ${at}` }, { ...hers, withFans: `${creatorUserId} ${early}` }],
    [
      replied(),
      { open: 2, withCreators: `${fanId} ${later}`, withFans: `${creatorUserId} ${later}` },
      { ...hers, withCreators: `${fanId} ${early}`, withFans: `${creatorUserId} ${early}` },
    ],
    [message()('MessageReplyReverted', { reason: 'none' }), { open: 4 }],
    [rejected(), { open: 2 }],
    [expired(), { open: 2 }],
    [chargedBack, { open: 2 }],
  ]);
});

describe('conversation: documents', () => {
  const [first, second] = [idOf(0x1c1), idOf(0x2c1)];

  it('count what waits for the creator, and nothing that never reached her', () => {
    const quarantined = message(second)('MessageQuarantined', { rule: null, expiresAt: later });
    const taken = message(second)('MessageChargedBack', { ...settlement, from: 'QUARANTINED', at: later });
    const begun = [sent(first), delivered(first), sent(second), quarantined];
    expect(documentAfter(conversation, key, begun)).to.include({ open: 1 });
    expect(documentAfter(conversation, key, [...begun, taken, replied(first)])).to.include({ open: 0 });
  });

  it('are unknown to the creator until a message reaches her', () => {
    const hidden = documentAfter(conversation, key, [sent()]);
    expect(hidden).to.include({ withCreators: `${fanId} ${at}`, withFans: null });
  });

  it('do not go back in their lists for a message of before', () => {
    const answered = [sent(first), delivered(first), replied(first), sent(second), delivered(second)];
    expect(documentAfter(conversation, key, answered)).to.include({
      withCreators: `${fanId} ${later}`,
      withFans: `${creatorUserId} ${later}`,
    });
  });
});
