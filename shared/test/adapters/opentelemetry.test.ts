import { expect } from 'chai';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSpans } from '../../src/adapters/opentelemetry/spans.js';
import { createMetrics } from '../../src/process/metrics.js';
import { newId } from '../../src/ids.js';
import { MINUTE, SECOND } from '../../src/time.js';
import { traceIdOf } from '../../src/tracing/log-refs.js';
import { countSpans } from '../../src/tracing/metrics.js';
import type { FinishedSpan } from '../../src/tracing/tracer.js';
import { createManualTime } from '../../testing/manual-time.js';

const traceId = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const span: FinishedSpan = { name: 'append', traceId, spanId: '00f067aa0ba902b7', from: 1, to: 2, fault: null };
/** So many are sent at once. */
const BATCH = 512;

describe('Spans for a collector', () => {
  let server: Server;
  const time = createManualTime();

  async function spansTo(collector: RequestListener, share = 1) {
    server = createServer(collector);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const told: unknown[] = [];
    const options = { endpoint, share, service: 'test', version: '1', clock: time };
    const metrics = createMetrics({ processMetrics: false });
    const spans = openSpans({ ...options, onTrouble: (error) => void told.push(error), onEnd: countSpans(metrics) });
    async function ends(): Promise<string[]> {
      const text = await metrics.registry.getSingleMetricAsString('trace_spans_total');
      return text.split('\n').filter((line) => line.startsWith('trace'));
    }
    return { spans, told, ends };
  }
  afterEach(async () => {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  it('are kept or not by the id of their trace, in every process alike', async () => {
    const { spans } = await spansTo(() => undefined, 0.1);
    const other = openSpans({
      endpoint: 'http://127.0.0.1:9',
      share: 0.1,
      service: 'other',
      version: '1',
      clock: time,
      onTrouble: () => {},
    });
    const traces = Array.from({ length: 4_000 }, () => traceIdOf(newId()) ?? '');
    const kept = traces.filter((trace) => spans.keeps(trace));
    expect(kept.length).to.be.within(300, 500); // 400, and five standard deviations of 19
    expect(traces.filter((trace) => other.keeps(trace))).to.deep.equal(kept);
  });

  it('are bounded while the collector does not answer, and a process that ends waits two seconds for it', async () => {
    let received = 0;
    const { spans, told, ends } = await spansTo(() => void (received += 1));
    for (let n = 0; n < 100_000; n += 1) spans.send(span);
    const kept = 2_048 + BATCH; // those that wait, and those under way
    expect(await ends()).to.deep.equal([`trace_spans_total{end="dropped"} ${100_000 - kept}`]);
    let isClosed = false;
    const closing = spans.close().then(() => (isClosed = true));
    await time.advance(2 * SECOND - 1);
    expect(isClosed).to.equal(false);
    await time.advance(1);
    await closing;
    expect(received).to.be.at.most(5); // one under way, and the four of the queue
    expect(told).to.have.length(1);
  });

  it('are complained of once a minute', async () => {
    let refused = () => {};
    const { spans, told, ends } = await spansTo((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(400).end();
        refused();
      });
    });
    const refusal = async () => {
      const next = new Promise<void>((resolve) => (refused = resolve));
      for (let n = 0; n < BATCH; n += 1) spans.send(span);
      await next;
    };
    await refusal();
    await refusal(); // begins once the first has been told
    expect(told).to.have.length(1);
    await time.advance(MINUTE);
    await refusal();
    await refusal();
    expect(told).to.have.length(2);
    await spans.close();
    expect(await ends()).to.deep.equal([`trace_spans_total{end="failed"} ${4 * BATCH}`]);
  });
});
