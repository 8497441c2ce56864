import type { Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { createManualTime, settled } from '@creator-dashboards/shared/testing/manual-time';
import { expect } from 'chai';
import { createLogCheck } from '../../src/reads/log-check.js';

const at = (position: Position, _id = 'message.v1') => ({ _id, position, eventId: 'ours' }) as Checkpoint;

describe('Whether a view belongs to this log', () => {
  it('is asked once by many reads, again after ten seconds, behind the reads, and at once after twenty', async () => {
    const time = createManualTime();
    const asked: Position[] = [];
    const readAt = async (position: Position) => {
      asked.push(position);
      return { id: 'ours' } as RecordedEvent;
    };
    const check = createLogCheck({ readAt }, time);
    await Promise.all(Array.from({ length: 50 }, () => check(at(7n))));
    expect(asked).to.deep.equal([7n]);
    await check(at(8n, 'config.v1'));
    await time.advance(9_999);
    await check(at(9n));
    await settled();
    expect(asked, 'of each view, and not before its time').to.deep.equal([7n, 8n]);
    await time.advance(1);
    await Promise.all([check(at(10n)), check(at(11n))]);
    await settled();
    expect(asked).to.deep.equal([7n, 8n, 10n]);
    await check(at(9n));
    expect(asked, 'as the checkpoint went back').to.deep.equal([7n, 8n, 10n, 9n]);
    await time.advance(20_000);
    await check(at(12n));
    expect(asked.at(-1)).to.equal(12n);
  });
});
