/** Traces, as a collector gets them: what one request led to, across streams, policies and views. */
import { newId } from '@creator-dashboards/shared/ids';
import { createLog } from '@creator-dashboards/shared/process/log';
import { openCollector, type CollectedSpan, type Collector } from '@creator-dashboards/shared/testing/collector';
import { expect } from 'chai';
import { runProgram } from '../shared/test/run-program.js';
import { creatorWithDms, fanWith, register } from './support/people.js';
import { openSystem, type TestSystem } from './support/system.js';

describe('Traces', () => {
  let collector: Collector;
  let lines: Record<string, unknown>[];
  let open: TestSystem | null = null;

  beforeEach(async () => {
    collector = await openCollector();
    lines = [];
  });
  afterEach(async () => {
    await end();
    await collector.close();
  });

  async function systemWith(env: Readonly<Record<string, string>> = {}): Promise<TestSystem> {
    const log = createLog({ logLevel: 'info' }, 'test', { write: (line) => void lines.push(JSON.parse(line)) });
    return (open = await openSystem({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...env }, log }));
  }

  /** Ends the system, which sends what it had still to send. */
  async function end(): Promise<void> {
    await open?.close();
    open = null;
  }

  /** All spans of one correlation id. Ends the system. */
  async function traceOf(correlationId: string): Promise<CollectedSpan[]> {
    await end();
    return collector.spans.filter(({ traceId }) => traceId === correlationId.replaceAll('-', ''));
  }

  /** Each span by the names from the root of the trace down to it. */
  function waysOf(trace: readonly CollectedSpan[]): string[] {
    const wayTo = ({ parent, name }: CollectedSpan): string => {
      const above = trace.find(({ spanId }) => spanId === parent);
      return above ? `${wayTo(above)} > ${name}` : name;
    };
    return trace.map(wayTo);
  }

  it('lead from a reply through its append and the policy that it caused to the documents', async () => {
    const system = await systemWith();
    const creator = await creatorWithDms(system, 'tina', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'finn', '50.00');
    const message = { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
    const { messageId } = (await fan.post('/messages', message)).body.data;
    await system.catchUp();
    const correlationId = newId();
    await creator.post(`/messages/${messageId}/reply`, { content: 'hi' }, { 'X-Correlation-Id': correlationId });
    await system.catchUp();

    const trace = await traceOf(correlationId);
    const replied = 'POST /messages/:id/reply > command message > append message';
    const completed = `${replied} > policy complete-replied > command message > append message`;
    expect(waysOf(trace)).to.include.members([
      replied,
      `${replied} > policy complete-replied > command creatorWallet > append creatorWallet`,
      `${completed} > policy settle-admission > command conversation > append conversation`,
      `${replied} > project creatorDashboard.v1 > write documents`,
    ]);
    expect(trace.filter(({ parent }) => parent === undefined)).to.have.length(1);
    // Replied, credited and completed: three appends, of which the first is its parent.
    const projected = trace.find(({ name }) => name === 'project creatorDashboard.v1');
    const linked = trace.filter(({ spanId }) => projected?.links.includes(spanId)).map(({ name }) => name);
    expect(linked).to.have.members(['append creatorWallet', 'append message']);
    expect(lines.find((line) => line.correlationId === correlationId)).to.include({
      route: '/messages/:id/reply',
      traceId: correlationId.replaceAll('-', ''),
    });
  });

  it('go on from the span of whoever sent the request', async () => {
    const system = await systemWith();
    const traceId = 'c0ffee00c0ffee00c0ffee00c0ffee00';
    const { userId } = await register(system, 'tina');
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const response = await system.as(userId).post('/creators/upgrade', { displayName: 'Tina' }, { traceparent });
    const correlationId = response.headers['x-correlation-id'] ?? '';
    expect(correlationId).to.equal('c0ffee00-c0ff-ee00-c0ff-ee00c0ffee00');
    const trace = await traceOf(correlationId);
    expect(trace.find(({ name }) => name === 'POST /creators/upgrade')?.parent).to.equal('00f067aa0ba902b7');
  });

  it('are linked with that span where the request says another correlation id', async () => {
    const system = await systemWith();
    const correlationId = newId();
    const traceparent = '00-c0ffee00c0ffee00c0ffee00c0ffee00-00f067aa0ba902b7-01';
    await system.anybody.post('/auth/login', {}, { traceparent, 'X-Correlation-Id': correlationId });
    const [span] = await traceOf(correlationId);
    expect(span).to.deep.include({ name: 'POST /auth/login', parent: undefined, links: ['00f067aa0ba902b7'] });
  });

  it('name no person: no text, no address, no token, not even an id', async () => {
    const system = await systemWith();
    const creator = await creatorWithDms(system, 'tina-canary', 'PER_MESSAGE', 10);
    const fan = await fanWith(system, 'finn-canary', '50.00');
    await fan.post('/messages', { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: 'canary text' });
    await fan.post('/messages', { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: 7 });
    await system.anybody.post('/auth/login', { email: fan.email, password: 'canary' });
    await system.anybody.post('/canary?q=canary');
    await system.catchUp();
    await end();
    const sent = collector.bodies.join('');
    expect(sent).to.include('POST /messages').and.include('MessageSent');
    expect(sent).to.not.include('canary');
    for (const id of [fan.userId, creator.userId, creator.creatorId]) expect(sent).to.not.include(id);
  });

  it('are not made of what only reads', async () => {
    const system = await systemWith();
    const fan = await register(system, 'finn');
    const correlationId = newId();
    expect((await fan.get('/wallet/balance', { 'X-Correlation-Id': correlationId })).status).to.equal(200);
    expect(await traceOf(correlationId)).to.deep.equal([]);
  });

  it('are not made where none are kept; log lines name them all the same', async () => {
    const system = await systemWith({ OTEL_TRACES_SAMPLER_ARG: '0' });
    await register(system, 'finn');
    await end();
    expect(collector.bodies).to.deep.equal([]);
    expect(lines.filter(({ route }) => route === '/auth/register').map(({ traceId }) => typeof traceId)).to.deep.equal([
      'string',
    ]);
  });

  it('hurt nobody while there is no collector, and one line says so', async () => {
    await collector.close();
    const system = await systemWith();
    const creator = await creatorWithDms(system, 'tina', 'PER_MESSAGE', 10);
    await system.catchUp();
    expect((await creator.get('/creators/dashboard')).status).to.equal(200);
    await end();
    expect(lines.filter(({ msg }) => msg === 'traces could not be sent')).to.have.length(1);
  });

  for (const [endpoint, loaded] of [
    ['', []],
    ['http://127.0.0.1:9', ['exporter-trace-otlp-http', 'sdk-trace']],
  ] as const)
    it(`load ${loaded.length === 0 ? 'nothing unless they are wanted' : 'their packages where they are wanted'}`, () => {
      const { stdout, stderr } = runProgram(
        `import { createRequire } from 'node:module';
         import { openSystem } from './test/support/system.ts';
         import { register } from './test/support/people.ts';
         const system = await openSystem({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: process.argv[1] } });
         await register(system, 'finn');
         await system.close();
         const files = Object.keys(createRequire(import.meta.url).cache);
         const packages = files.flatMap((file) => /@opentelemetry\\/([^/]+)/.exec(file)?.[1] ?? []);
         console.log(JSON.stringify([...new Set(packages)]));
         process.exit();`,
        endpoint,
      );
      expect(stdout, stderr).to.not.equal('');
      const packages = JSON.parse(stdout) as string[];
      // prom-client has the API, types and no more, for uses of its own.
      if (loaded.length === 0) expect(packages).to.deep.equal(['api']);
      else expect(packages).to.include.members([...loaded]);
    });
});
