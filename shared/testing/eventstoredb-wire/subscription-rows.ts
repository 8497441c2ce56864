/** What a real server was observed to do with subscriptions to `$all`. */
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  START,
  streamNameFilter,
  type SubscribeToAllOptions,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { event, events, place, range, type Setup, watch } from './test-client.js';

export function subscriptionRows(now: () => Setup): void {
  const append = (stream: string, ...numbers: number[]) => now().client.appendToStream(stream, events(...numbers));
  const subscribe = (options: SubscribeToAllOptions = {}) => watch(now().client.subscribeToAll(options));

  describe('subscribing', () => {
    it('confirms, delivers the backlog, says so, continues live', async () => {
      await append('a', 0, 1);
      const seen = subscribe();
      await seen.until('caughtUp');
      await append('b', 2);
      await seen.until(2);
      expect(seen.happened).to.deep.equal(['confirmation', 0, 1, 'caughtUp', 2]);
    });

    it('starts after the requested position, be it the last, the end or beyond it', async () => {
      await append('a', 0, 1, 2);
      const { server } = now();
      const last = place(server, 2);
      const size = last.commit - place(server, 1).commit;
      const beyond = { commit: last.commit + 10n * size, prepare: last.commit + 10n * size };
      const starts = [place(server, 0), place(server, 2), END, START, beyond] as const;
      const seen = starts.map((fromPosition) => subscribe({ fromPosition }));
      await Promise.all(seen.map((one) => one.until('caughtUp')));
      await append('a', ...range(20, 3));
      await Promise.all(seen.map((one) => one.until(22)));
      const firsts = seen.map(({ happened }) => happened.find((what) => typeof what === 'number'));
      expect(firsts.slice(0, 4)).to.deep.equal([1, 3, 3, 0]);
      expect(firsts[4]).to.be.above(5);
    });

    it('fails when the requested position is inside a record', async () => {
      await append('a', 0, 1);
      const { commit } = place(now().server, 1);
      const seen = subscribe({ fromPosition: { commit: commit + 1n, prepare: commit + 1n } });
      await seen.until('failed: unknown 2');
    });

    const FILTERS: [string, SubscribeToAllOptions['filter'], (number | string)[]][] = [
      ['without system events', excludeSystemEvents(), [0, 1, 2, 9]],
      ['prefixes of streams', streamNameFilter({ prefixes: ['aa-', 'c'] }), [0, '$streamDeleted', 9]],
      ['a part of stream names', streamNameFilter({ regex: 'b-' }), [1, 2, 9]],
      ['prefixes of types', eventTypeFilter({ prefixes: ['Cou', '$str'] }), [0, 1, '$streamDeleted', 9]],
      ['a part of types', eventTypeFilter({ regex: 'the|nted$' }), [0, 1, 2, 9]],
    ];
    for (const [name, filter, found] of FILTERS) {
      it(`applies a filter: ${name}`, async () => {
        const { client, server } = now();
        await append('aa-1', 0);
        await append('bb-1', 1);
        await client.appendToStream('bb-1', event(2, 'Other'));
        server.writeSystemEvent('$settings');
        await client.tombstoneStream('aa-1');
        const seen = subscribe({ filter });
        await seen.until('caughtUp');
        await append('cb-1', 9);
        await seen.until(9);
        expect(seen.happened.filter((what) => what !== 'confirmation' && what !== 'caughtUp')).to.deep.equal(found);
      });
    }

    it('reports checkpoints of the records examined, first 0, never ahead of what was delivered', async () => {
      const { client, server } = now();
      await append('a', ...range(64));
      await append('b', ...range(64, 64));
      const reached: [bigint, bigint, number | string | undefined][] = [];
      const filter = streamNameFilter({
        prefixes: ['b'],
        checkpointInterval: 2,
        checkpointReached: async (_subscription, { commit, prepare }) => {
          reached.push([commit, prepare, seen.happened.at(-1)]);
        },
      });
      const seen = watch(client.subscribeToAll({ filter }));
      await seen.until('caughtUp');
      expect(reached).to.deep.equal([
        [0n, 0n, 'confirmation'],
        [server.log[63]!.position, 0n, 'confirmation'],
        [server.log[127]!.position, 0n, 127],
      ]);
    });

    it('drops a live subscriber when more than 32 events come at once; it finds all of them when it resubscribes', async () => {
      const seen = subscribe();
      await seen.until('caughtUp');
      await append('a', ...range(32));
      await seen.until(31);
      await append('a', ...range(33, 32));
      await seen.until('failed: timeout 10');
      const numbers = seen.happened.filter((what) => typeof what === 'number');
      expect(numbers).to.deep.equal(range(64));
      const again = subscribe({ fromPosition: place(now().server, 63) });
      await again.until('caughtUp');
      expect(again.happened).to.deep.equal(['confirmation', 64, 'caughtUp']);
    });

    it('drops a live subscriber when 64 writers append at once', async () => {
      const seen = subscribe();
      await seen.until('caughtUp');
      await Promise.all(range(64).map((n) => append(`a-${n}`, n)));
      await seen.until('failed: timeout 10');
    });

    it('keeps up with one writer', async () => {
      const seen = subscribe();
      await seen.until('caughtUp');
      for (const n of range(100)) await append('a', n);
      await seen.until(99);
    });

    it('counts only what passes the filter towards a burst', async () => {
      const seen = subscribe({ filter: eventTypeFilter({ prefixes: ['Other'] }) });
      await seen.until('caughtUp');
      await append('a', ...range(1_000));
      await now().client.appendToStream('a', event(1_000, 'Other'));
      await seen.until(1_000);
    });

    it('holds the backlog for a subscriber that does not read', async () => {
      const { client, server } = now();
      server.preload(range(1_000).map((n) => ({ stream: 's', type: 'Large', data: { n, fill: 'x'.repeat(10_000) } })));
      const paused = client.subscribeToAll();
      paused.pause();
      for (let i = 0; i < 20; i++) await client.appendToStream('other', event(i, 'Meanwhile'));
      expect(server.subscriptions).to.deep.equal({ open: 1, live: 0 });
      const seen = watch(paused);
      paused.resume();
      await seen.until('caughtUp');
      expect(server.subscriptions).to.deep.equal({ open: 1, live: 1 });
      expect(seen.happened.filter((what) => typeof what === 'number')).to.have.lengthOf(1_020);
      await paused.unsubscribe();
    });
  });
}
