import { expect } from 'chai';
import { block } from '../../../src/views/block/fold.js';
import { creatorUserId, fanId, strangerId } from '../../../testing/fixtures/people.js';
import { documentsAfter, onStream } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

const stream = `block-${creatorUserId}_${fanId}`;
const by = (userId: string) => onStream(stream, { userId, ownerId: userId });

describe('block: what each event changes', () => {
  const now = '2026-05-04T10:00:00.000Z';
  const full = { blockedId: strangerId, blocked: 'somewhere' };
  const data = { ownerId: creatorUserId, blockedId: fanId };
  eachEventChangesOnly(block, full, [
    [by(creatorUserId)('UserBlocked', data, now), { blockedId: fanId, blocked: `${creatorUserId} ${now}` }],
    [by(creatorUserId)('UserUnblocked', data), { blocked: null }],
  ]);
});

describe('block: documents', () => {
  it('are two of two people who block each other', () => {
    const [hers, his] = [
      { ownerId: creatorUserId, blockedId: fanId },
      { ownerId: fanId, blockedId: creatorUserId },
    ];
    const documents = documentsAfter(block, [
      by(creatorUserId)('UserBlocked', hers),
      by(fanId)('UserBlocked', his),
      by(fanId)('UserUnblocked', his),
    ]);
    const shown = [...documents.values()].map(({ blockedId, blocked }) => [blockedId, blocked !== null]);
    expect(shown).to.have.deep.members([
      [fanId, true],
      [creatorUserId, false],
    ]);
  });
});
