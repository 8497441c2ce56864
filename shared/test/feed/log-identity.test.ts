import { expect } from 'chai';
import { foreignTo } from '../../src/feed/log-identity.js';
import type { Position, RecordedEvent } from '../../src/ports.js';

describe('Whether documents belong to this log', () => {
  /** A log with one event at each position, named by it. */
  const asked: Position[] = [];
  const log = {
    readAt: async (position: Position) => {
      asked.push(position);
      return { id: `event ${position}` } as RecordedEvent;
    },
  };
  const at = (position: Position, eventId = `event ${position}`) => foreignTo(log, { position, eventId });
  beforeEach(() => asked.splice(0));

  it('is asked once for all that stand at one place and ask at once', async () => {
    const answers = await Promise.all([at(7n), at(8n), at(7n), at(7n, 'another')]);
    expect(asked).to.deep.equal([7n, 8n]);
    expect(answers.map((foreign) => foreign === null)).to.deep.equal([true, true, true, false]);
  });

  it('is asked anew by whoever asks later', async () => {
    await at(7n);
    await at(7n);
    expect(asked).to.deep.equal([7n, 7n]);
  });

  it('is not asked at the origin', async () => {
    expect(await foreignTo(log, { position: 0n, eventId: null })).to.equal(null);
    expect(asked).to.deep.equal([]);
  });
});
