import { namesOfDocument } from '@creator-dashboards/query-service/audit/history';
import { namesOf } from '@creator-dashboards/query-service/audit/terms';
import { concerns } from '@creator-dashboards/shared/fold';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { readSamples, samplesIn } from './event-samples/samples.js';

const samples = samplesIn(readSamples(fileURLToPath(new URL('./event-samples/events', import.meta.url))));

describe('The events of a document', () => {
  for (const view of Object.values(views))
    it(`are all found by its key, whatever their type: ${view.name}`, () => {
      const types = new Set<string>();
      for (const { name, event } of samples) {
        const key = concerns(view, event) ? view.keyOf(event) : undefined;
        if (key === undefined) continue;
        types.add(event.type);
        const named = namesOf(event).map(([filter, value]) => `${filter} ${value}`);
        const wanted = namesOfDocument(view, key).map(([filter, value]) => `${filter} ${value}`);
        expect(
          wanted.some((one) => named.includes(one)),
          name,
        ).to.equal(true);
      }
      expect([...types].sort(), 'a sample of each type').to.deep.equal(Object.keys(view.handlers).sort());
    });
});
