import { HOST } from '@creator-dashboards/shared/access/record';
import { idOf, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { discardParked } from '../../src/parked/discard.js';
import { openParkedStores } from '../parked-stores.js';

const KEYS = 501; // one more than are appended at once

describe('Discards of one command', () => {
  it('are events of different ids, also where they are appended in more than one batch', async () => {
    const stores = await openParkedStores();
    const { events } = stores;
    for (const { stream, id, type, data, metadata } of history(
      Array.from({ length: KEYS }, (_, n) => sent(idOf(n + 100))),
    ))
      await events.append(stream, 'no_stream', [{ id, type, data, metadata }]);
    const poison = await events.readAll({ after: 4n, limit: KEYS });
    const keys = poison.map(({ id, type, position }) => ({
      ...{ consumer: 'mailbox', key: id, parkedFrom: String(position), event: id, type },
      ...{ since: null, error: 'broken', held: 0, heldSince: null, retry: false },
    }));
    const sealer = { seal: () => Promise.reject(new Error('nothing is to be sealed')) };
    const operator = { actor: HOST, by: null, reason: null, commandId: idOf(9) };
    await discardParked({ ...stores, sealer, clock: systemClock }, keys, [], operator);
    const discards = await events.readStream('parkedDiscards-mailbox');
    expect(discards).to.have.length(KEYS);
    expect(new Set(discards.map(({ id }) => id)).size).to.equal(KEYS);
    await stores.close();
  });
});
