/**
 * What people do on a running installation, at a steady rate: most look at a dashboard, some of them with an ETag, a few write and answer
 * paid messages, others are pushed what changes. A request begins when it is due, whatever those before it take.
 */
import { newId } from '@creator-dashboards/shared/ids';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import { visitorsOf, type Answer, type Creator, type Visitor } from './visitors.js';

export interface Mix {
  readonly url: string;
  /** The installation's own. */
  readonly environment: Pick<Environment, 'webhookSecrets'>;
  /** Requests a second, of all kinds. */
  readonly rate: number;
  readonly seconds: number;
  readonly people: number;
  /** Open live streams. */
  readonly live: number;
}

/** Of one kind. Milliseconds. */
export interface Kind {
  readonly name: string;
  readonly taken: number[];
  /** How many answers had each status that was not expected. */
  readonly faults: Map<number, number>;
}

/** Of a hundred requests, how many are a whole paid conversation: a message and its reply. */
const CONVERSATIONS = 2;
const CONDITIONAL = 50;
const DASHBOARDS = ['/creators/dashboard', '/creators/profile', '/dm-config', '/referral/dashboard'];

/** Does all of it; the kinds with their times, "lag" among them: from an acknowledged message to a dashboard that shows it. */
export async function runMix(mix: Mix, say: (text: string) => void): Promise<Kind[]> {
  const { url, environment, rate, seconds, people, live } = mix;
  const visitors = visitorsOf(url, environment);
  const creators: Creator[] = [];
  const fans: Visitor[] = [];
  for (let n = 0; n < people; n += 1) {
    creators.push(await visitors.creator());
    fans.push(await visitors.fan());
  }
  say(`${people} creators and ${people} fans have registered`);
  const kinds = new Map<string, Kind>();
  const kindOf = (name: string) =>
    kinds.get(name) ?? kinds.set(name, { name, taken: [], faults: new Map() }).get(name)!;
  const etags = new Map<string, string>();

  /** Notes how long one took since it was due. */
  async function timed(
    name: string,
    due: number,
    expected: readonly number[],
    asked: Promise<Answer>,
  ): Promise<Answer> {
    const { taken, faults } = kindOf(name);
    const answer = await asked;
    taken.push(performance.now() - due);
    if (!expected.includes(answer.status)) faults.set(answer.status, (faults.get(answer.status) ?? 0) + 1);
    return answer;
  }

  async function look(nth: number, due: number): Promise<void> {
    const creator = creators[nth % people] as Creator;
    const dashboard = DASHBOARDS[nth % DASHBOARDS.length] as string;
    const path = dashboard === '/dm-config' ? `/creators/${creator.creatorId}/dm-config` : dashboard;
    const name = `${creator.creatorId}${path}`;
    const etag = nth % 100 < CONDITIONAL ? etags.get(name) : undefined;
    const asked = creator.call('GET', path, etag === undefined ? {} : { headers: { 'if-none-match': etag } });
    const answer = await timed(etag === undefined ? 'read' : 'conditional read', due, [200, 304], asked);
    if (answer.etag) etags.set(name, answer.etag);
  }

  async function converse(nth: number, due: number): Promise<void> {
    const [fan, creator] = [fans[nth % people] as Visitor, creators[nth % people] as Creator];
    const body = { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: `What about ${newId()}?` };
    const asked = fan.call('POST', '/messages', { body, headers: { 'idempotency-key': newId() } });
    const { status, data } = await timed('paid message', due, [200, 201], asked);
    if (status > 299) return;
    const began = performance.now();
    const headers = { 'read-after': data['position'] ?? '' };
    const { isStale } = await creator.call('GET', '/creators/dashboard', { headers });
    kindOf(isStale ? 'lag, not yet after a second' : 'lag').taken.push(performance.now() - began);
    const reply = { body: { content: 'Yes.' }, headers: { 'idempotency-key': newId() } };
    await timed('reply', began, [200, 201], creator.call('POST', `/messages/${data['messageId']}/reply`, reply));
  }

  const over = new AbortController();
  const streams = Array.from({ length: live }, (_, n) =>
    listen(url, creators[n % people] as Creator, kindOf('pushed').taken, over.signal),
  );
  const began = performance.now();
  const all: Promise<void>[] = [];
  for (let nth = 0; nth < rate * seconds; nth += 1) {
    const due = began + (nth * 1_000) / rate;
    const ms = due - performance.now();
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    all.push(
      nth % 100 < CONVERSATIONS ? converse(CONVERSATIONS * Math.floor(nth / 100) + (nth % 100), due) : look(nth, due),
    );
  }
  await Promise.all(all);
  over.abort();
  await Promise.all(streams);
  return [...kinds.values()];
}

/** Notes the time between a frame and the one before it of the same stream: how often it is pushed, not how soon. */
async function listen(url: string, { authorization }: Creator, gaps: number[], signal: AbortSignal): Promise<void> {
  const headers = { authorization, accept: 'text/event-stream' };
  let last = performance.now();
  try {
    const { body } = await fetch(`${url}/api/v1/live?views=creatorDashboard`, { headers, signal });
    for await (const chunk of body ?? []) {
      if (!Buffer.from(chunk).includes('data:')) continue;
      gaps.push(performance.now() - last);
      last = performance.now();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
