import { logOf } from '@creator-dashboards/shared/testing/log';
import type { AppendResult, EventStore } from '@creator-dashboards/shared/ports';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { expect } from 'chai';
import { observeAppends } from '../../src/runtime/append-metrics.js';

describe('Metrics of appends', () => {
  it('tell what became of each', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const written: AppendResult = { ok: true, repeated: false, revision: 0n, position: 1n };
    const answers: (AppendResult | Error)[] = [
      ...[written, written, written, { ...written, repeated: true }],
      ...[{ ok: false as const }, { ok: false as const }, new Error('away')],
    ];
    const store: EventStore = {
      ...logOf(),
      async append() {
        const answer = answers.shift();
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error('nothing more is asked');
        return answer;
      },
    };
    const events = observeAppends(metrics, store);
    const results: unknown[] = [];
    while (answers.length > 0) results.push(await events.append('a-1', 'no_stream', []).catch(() => 'thrown'));
    expect(results).to.deep.equal([
      written,
      written,
      written,
      { ...written, repeated: true },
      { ok: false },
      { ok: false },
      'thrown',
    ]);
    const text = await metrics.registry.metrics();
    expect(text.split('\n').filter((line) => line.startsWith('appends_total'))).to.deep.equal([
      'appends_total{outcome="written"} 3',
      'appends_total{outcome="repeated"} 1',
      'appends_total{outcome="conflict"} 2',
      'appends_total{outcome="failed"} 1',
    ]);
  });
});
