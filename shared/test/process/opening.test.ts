import { expect } from 'chai';
import { sayingWaits } from '../../src/process/opening.js';
import { createManualTime } from '../../testing/manual-time.js';

describe('Opening stores', () => {
  it('says every three seconds which store is waited for, how long and how long at most', async () => {
    const time = createManualTime();
    const said: string[] = [];
    let found = (): void => undefined;
    const work = sayingWaits(
      time,
      (text) => void said.push(text),
      async (begin) => {
        begin({ store: 'EventStoreDB', patienceMs: 30_000 });
        await new Promise<void>((resolve) => (found = resolve));
        begin({ store: 'keys.db', patienceMs: null });
        await new Promise<void>((resolve) => (found = resolve));
        return 'opened';
      },
    );
    await time.advance(7_000);
    found();
    await time.advance(3_000);
    found();
    expect(await work).to.equal('opened');
    await time.advance(60_000);
    expect(said).to.deep.equal([
      'waiting for EventStoreDB, 3 of 30 s',
      'waiting for EventStoreDB, 6 of 30 s',
      'waiting for keys.db, 2 s',
    ]);
  });
});
