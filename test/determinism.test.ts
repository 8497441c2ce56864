/** Every handler of every view and look-up, and every upcaster, on the samples of all events, as `projector verify --twice` does it. */
import { features } from '@creator-dashboards/command-service/features/features';
import { unfinishedReservations } from '@creator-dashboards/command-service/lookups/unfinished-reservations';
import { foldTwice } from '@creator-dashboards/projector/compare/twice';
import type { Fold } from '@creator-dashboards/shared/fold';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { readSamples, samplesIn } from './event-samples/samples.js';

const folder = fileURLToPath(new URL('./event-samples/events', import.meta.url));

/** Each sample after what comes before it, in streams of its own: the ids in the keys are others for each sample. */
function logOfSamples() {
  const told = samplesIn(readSamples(folder)).flatMap(({ event, before }, index) =>
    [...before, event].map((one) => ({
      ...one,
      metadata: { ...one.metadata, keys: renamed(one.metadata.keys, index) },
    })),
  );
  return logOf(told.map((event, index) => ({ ...event, position: BigInt(index + 1) })));
}

function renamed<K extends object>(keys: K, index: number): K {
  const end = index.toString(16).padStart(4, '0');
  return Object.fromEntries(Object.entries(keys).map(([name, id]) => [name, `${String(id).slice(0, -4)}${end}`])) as K;
}

describe('Every fold of the system', () => {
  const folds: Fold[] = [
    ...Object.values(views),
    unfinishedReservations,
    ...features.flatMap(({ lookups }) => lookups),
  ];
  const log = logOfSamples();

  for (const fold of folds)
    it(`makes the same documents of the same events, whatever the time, the place and the order: ${fold.name}`, async () => {
      const { impure, parked, unreadable, events } = await foldTwice(log, fold);
      expect(impure).to.deep.equal([]);
      expect({ parked, unreadable }).to.deep.equal({ parked: 0, unreadable: 0 });
      expect(events).to.be.at.least(Object.keys(fold.handlers).length);
    });
});
