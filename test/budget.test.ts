/** What one request may cost: the processor's time is everybody's, so no allowed input of any route may take much of it. */
import { leastCpuMs, onThisMachine } from '@creator-dashboards/shared/testing/cpu-time';
import { expect } from 'chai';
import type { Sample } from './support/samples.js';
import { pathOf, rawSender, samplesOf, type RawSender } from './support/samples.js';
import { openSystem, type TestSystem } from './support/system.js';

const BUDGET_MS = 20;
const MAX_BODY_BYTES = 64 * 1024;
/** Hashing a password is meant to cost more, and is done by other threads. */
const HASHES = ['POST /auth/register', 'POST /auth/login'];

const LENGTHS = [60_000, 40_000, 20_000, 10_000, 9_900, 5_000, 2_000, 1_000, 500, 200, 128, 100, 50];
const id = (n: number) => `88888888-8888-4888-8888-${n.toString(16).padStart(12, '0')}`;

/** Large values of a field, the largest first: texts of costly characters, lists of ids or of what the sample lists, nested records. */
function largerThan(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    const item = (n: number) => (typeof first === 'object' ? { ...first, id: id(n) } : id(n));
    return LENGTHS.map((length) => Array.from({ length: Math.floor(length / 40) }, (_, n) => item(n)));
  }
  if (typeof value === 'object' && value !== null)
    return LENGTHS.map((length) =>
      Object.fromEntries(Array.from({ length: length / 10 }, (_, n) => [`k${n}`, n % 10])),
    );
  if (typeof value !== 'string') return [];
  const text = value === '' ? 'x' : value;
  return LENGTHS.flatMap((length) =>
    ['\u00fc', 'x', ' x'].map((unit) => `${text}${unit.repeat(length)}`.slice(0, length)),
  );
}

/** The sample's body with each field as large as the route's schema allows, together at most as large as any body may be. */
function worstOf({ route, body }: Sample): string | null {
  if (body === null || !route.body) return null;
  let worst: Record<string, unknown> = { ...body };
  for (const [field, value] of Object.entries(body)) {
    const accepted = largerThan(value).find((large) => {
      const grown = { ...worst, [field]: large };
      return Buffer.byteLength(JSON.stringify(grown)) <= MAX_BODY_BYTES && route.body?.safeParse(grown).success;
    });
    if (accepted !== undefined) worst = { ...worst, [field]: accepted };
  }
  return JSON.stringify(worst);
}

describe('The budget of a request', () => {
  let system: TestSystem;
  let sender: RawSender;
  let samples: Sample[];
  let budgetMs: number;
  before(async () => {
    budgetMs = await onThisMachine(BUDGET_MS);
    system = await openSystem();
    sender = rawSender(system);
    samples = await samplesOf(system);
    await system.catchUp();
  });
  after(async () => {
    sender.end();
    await system.close();
  });

  /** CPU time, that of the caller in this process included. */
  async function cost(sample: Sample, body: string): Promise<{ ms: number; statuses: number[] }> {
    const statuses: number[] = [];
    const ms = await leastCpuMs(async () => {
      const headers = { 'Content-Type': 'application/json', ...sample.headers(body) };
      const { status } = await sender.send(sample.route.method, pathOf(sample), headers, body);
      statuses.push(status);
    }, budgetMs);
    return { ms, statuses };
  }

  it('is 20 ms of CPU time on every route, with the largest input that its schema allows', async () => {
    const over: string[] = [];
    let largest = 0;
    for (const sample of samples) {
      const name = `${sample.route.method} ${sample.route.path}`;
      if (HASHES.includes(name)) continue;
      const body = worstOf(sample) ?? '';
      largest = Math.max(largest, body.length);
      const { ms, statuses } = await cost(sample, body);
      expect(Math.max(...statuses), `${name} ${statuses.join()}`).to.be.lessThan(500);
      if (ms > budgetMs) over.push(`${name}: ${ms.toFixed(1)} ms for ${body.length} characters`);
    }
    expect(over).to.deep.equal([]);
    expect(largest, 'some route takes a large body').to.be.greaterThan(20_000);
  });

  it('is 20 ms of CPU time for a body of any make, however large, that a route refuses', async () => {
    const sample = samples.find(({ route }) => route.path === '/users/avatar');
    if (!sample) return expect.fail('no sample');
    const fill = (unit: string, around: (body: string) => string) =>
      around(unit.repeat(Math.floor((MAX_BODY_BYTES - 100) / unit.length)));
    const over: string[] = [];
    for (const body of [
      fill('"",', (text) => `{"avatarUrl":[${text}1]}`),
      fill('{},', (text) => `{"avatarUrl":[${text}1]}`),
      fill('\\\\', (text) => `{"avatarUrl":"${text}"}`),
      `{${Array.from({ length: 6_000 }, (_, n) => `"k${n}":1`).join()}}`,
      fill('\u00fc', (text) => `{"avatarUrl":"https://${text.slice(0, 32_000)}"}`),
      fill('a.', (text) => `{"avatarUrl":"https://${text}"}`),
    ]) {
      const { ms, statuses } = await cost(sample, body);
      expect(new Set(statuses), body.slice(0, 30)).to.deep.equal(new Set([400]));
      if (ms > budgetMs) over.push(`${body.slice(0, 30)}: ${ms.toFixed(1)} ms`);
    }
    expect(over).to.deep.equal([]);
  });
});
