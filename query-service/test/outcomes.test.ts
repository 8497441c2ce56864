/** What became of an event with a view or a policy, as the store says. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import type { Document, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { creatorId, T0, userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { expect } from 'chai';
import { outcomesOf } from '../src/audit/outcomes.js';

const CONSUMER = 'policy.pay';
const COLLECTION = 'parked.policy.pay';
const onCreator = onStream(`creator-${creatorId}`, { userId, creatorId });
/** At the positions 10, 20 and 30. */
const events = history([0, 1, 2].map(() => onCreator('TaxFormApproved', { at: T0 })));
const [first, second, third] = events as [RecordedEvent, RecordedEvent, RecordedEvent];
const discard = onStream('parkedDiscards-policy.pay', {})('ParkedEventDiscarded', {
  ...{ consumer: CONSUMER, eventId: second.id, eventType: second.type, key: creatorId, position: '20', by: null },
});

interface Given {
  readonly reached?: Position;
  readonly documents?: readonly FoldedDocument[];
  readonly discards?: readonly RecordedEvent[];
}

async function outcomeOf(event: RecordedEvent, { reached, documents = [], discards = [] }: Given) {
  const checkpoints = reached === undefined ? [] : [{ _id: CONSUMER, position: reached }];
  const stored = new Map<string, readonly Document[]>([
    [CHECKPOINTS, checkpoints],
    [COLLECTION, documents],
  ]);
  const ports = {
    events: { readStream: async () => [...discards] },
    reads: {
      getMany: async <D extends Document>(collection: string, ids: readonly string[]) =>
        new Map(
          (stored.get(collection) ?? []).filter(({ _id }) => ids.includes(_id)).map((one) => [one._id, one as D]),
        ),
    },
  };
  const asked = { consumer: CONSUMER, collection: COLLECTION, keys: [userId, creatorId], event };
  return (await outcomesOf(ports, [asked]))[0];
}

describe('What became of an event with a consumer of the log', () => {
  const parked: FoldedDocument = {
    ...{ _id: creatorId, position: 0n, parked: true, parkedFrom: '20' },
    ...{ parkedEvent: second.id, parkedError: 'no such level' },
  };

  it('is done once its checkpoint is at the event or beyond, and behind before', async () => {
    expect(await outcomeOf(second, { reached: 20n })).to.deep.equal({ state: 'done', detail: null });
    expect(await outcomeOf(second, { reached: 19n })).to.deep.equal({
      state: 'behind',
      detail: 'its checkpoint is at position 19',
    });
  });

  it('is done where the document has it, before the checkpoint says so', async () => {
    const document = { _id: creatorId, position: 20n };
    expect(await outcomeOf(second, { reached: 10n, documents: [document] })).to.include({ state: 'done' });
    expect(await outcomeOf(third, { reached: 10n, documents: [document] })).to.include({ state: 'behind' });
  });

  it('is parked at the event that could not be applied, and after it, but not before', async () => {
    const given = { reached: 40n, documents: [parked] };
    expect(await outcomeOf(first, given)).to.include({ state: 'done' });
    expect(await outcomeOf(second, given)).to.deep.equal({ state: 'parked', detail: 'no such level' });
    expect(await outcomeOf(third, given)).to.deep.equal({
      state: 'parked',
      detail: `held behind event ${second.id}, which parked the key: no such level`,
    });
  });

  it('is not parked by the key of somebody else, or by a mark that was taken back', async () => {
    const others = [
      { ...parked, _id: 'another' },
      { _id: userId, position: 0n, parked: false },
    ];
    expect(await outcomeOf(second, { reached: 40n, documents: others })).to.include({ state: 'done' });
  });

  it('is discarded for the event that an operator discarded, and no other', async () => {
    const given = { reached: 40n, discards: history([discard]) };
    expect(await outcomeOf(second, given)).to.include({ state: 'discarded' });
    expect(await outcomeOf(third, given)).to.include({ state: 'done' });
  });

  it('is not started where it has no checkpoint', async () => {
    expect(await outcomeOf(second, {})).to.deep.equal({ state: 'not_started', detail: 'it has no checkpoint' });
  });
});
