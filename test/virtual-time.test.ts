/** The whole embedded system on a clock that the test moves, with ids and nonces from a seed. */
import { callRoute, type Call } from '@creator-dashboards/command-service/http/call-route';
import { openToRead } from '@creator-dashboards/shared/adapters/sqlite/database';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { BEAT_MS } from '@creator-dashboards/shared/feed/pulse';
import { newId } from '@creator-dashboards/shared/ids';
import type { Actor } from '@creator-dashboards/shared/ports';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { openFoundation } from '@creator-dashboards/shared/process/service';
import { createManualTime, settled } from '@creator-dashboards/shared/testing/manual-time';
import { seededRandom } from '@creator-dashboards/shared/testing/seeded-random';
import { fromInstant, HOUR, MINUTE, plus, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystem } from '../system.js';
import { readLog } from './support/invariants.js';

const BEGINNING = '2026-04-29T20:00:00.000Z';

type Running = Awaited<ReturnType<typeof runSystem>>;

async function runSystem(seed: string) {
  const folder = mkdtempSync(join(tmpdir(), 'virtual-'));
  const environment = readEnvironment({ NODE_ENV: 'test', DATA_DIR: folder, DEMO: '0' });
  const time = createManualTime(fromInstant(BEGINNING));
  const random = seededRandom(seed);
  const metrics = createMetrics({ processMetrics: false });
  const foundation = await openFoundation(environment, silentLog, { clock: time, random, metrics });
  const { stores } = foundation;
  const system = createSystem(foundation);
  const fatal: unknown[] = [];
  await system.start((error) => fatal.push(error));
  await settled();

  return {
    folder,
    stores,
    time,
    fatal,
    /** One call of a route. It and what follows from it have ended when this resolves; no time has passed. */
    async call(row: string, call: Call = {}): Promise<Record<string, string>> {
      const correlationId = newId({ clock: time, random });
      const { data } = await callRoute(system.routes, row, { correlationId, ...call });
      await settled();
      return data as Record<string, string>;
    },
    log: () => readLog(stores.events),
    metric: (name: string) => metrics.registry.getSingleMetricAsString(name),
    async close(): Promise<void> {
      await system.stop();
      await stores.close();
      rmSync(folder, { recursive: true });
      expect(time.pending(), 'calls that are still to come').to.equal(0);
    },
  };
}

const admin: Actor = { userId: '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c11', role: 'ADMIN' };
const as = (userId: string | undefined): Actor => ({ userId: userId ?? null, role: 'USER' });

/** A fan sends a message for 10.00, which a creator has half an hour to answer. Answers the two and the message. */
async function send({ call }: Running) {
  const join = (username: string) =>
    call('POST /auth/register', {
      body: {
        email: `${username}@example.org`,
        password: 'Correct-horse-1',
        acceptTerms: true,
        acceptPrivacy: true,
        username,
      },
    });
  const [fan, alice] = [await join('fanny'), await join('alice')];
  const body = { value: 1, reason: 'an hour' };
  await call('PUT /admin/config/:key', { as: admin, params: { key: 'dm.timeout_hours' }, body });
  const { creatorId } = await call('POST /creators/upgrade', { as: as(alice.userId), body: { displayName: 'Alice' } });
  await call('PATCH /creators/:creatorId/dm-config', {
    as: as(alice.userId),
    params: { creatorId: creatorId ?? '' },
    body: { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true },
  });
  const { sessionId } = await call('POST /wallet/load', { as: as(fan.userId), body: { amount: '10.00' } });
  const paid = { id: 'payment-1', type: 'checkout.completed', sessionId, amount: '10.00' };
  await call('POST /webhooks/payments', { body: paid });
  const message = { creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
  const { messageId } = await call('POST /messages', { as: as(fan.userId), body: message });
  return { fan: as(fan.userId), alice: as(alice.userId), messageId: messageId ?? '' };
}

describe('The embedded system on a virtual clock', () => {
  it('lives through an hour in seconds: feeds send heartbeats, the clock ticks, an unanswered message expires and is refunded', async () => {
    const system = await runSystem('an hour');
    const { messageId, fan } = await send(system);
    const beat = async () =>
      (await system.stores.reads.get<Checkpoint>(CHECKPOINTS, 'policy.complete-replied'))?.beat ?? 0;
    const before = await beat();
    await system.time.advance(HOUR + 2 * SECOND);

    const events = await system.log();
    const expired = events.find(({ type }) => type === 'MessageExpired');
    expect(expired?.metadata.keys.messageId).to.equal(messageId);
    const late = fromInstant(expired?.metadata.occurredAt ?? '') - fromInstant(plus(BEGINNING, HOUR));
    expect(late, 'after an hour, at the next tick').to.be.within(0, SECOND);
    expect((await beat()) - before, 'one every two seconds, and one with each event').to.be.closeTo(HOUR / BEAT_MS, 50);
    const read = await system.call('GET /messages/:id', { as: fan, params: { id: messageId } });
    expect(read.status, 'expired, and paid back').to.equal('REFUNDED');
    expect(await system.metric('clock_due_total')).to.include('{task="expire-messages",outcome="done"} 1');
    expect(system.fatal).to.deep.equal([]);
    await system.close();
  });

  it('at rest writes nothing but one beat for all its feeds', async () => {
    const system = await runSystem('at rest');
    await send(system);
    await system.time.advance(MINUTE);
    const files = readdirSync(system.folder).filter((name) => name.endsWith('.db'));
    const opened = files.map((name) => openToRead(join(system.folder, name)));
    const asks = opened.map((file) => file.prepare<{ data_version: number }>('PRAGMA data_version'));
    const changed: string[] = [];
    const look = (ask: (typeof asks)[number], n: number) => `${files[n]} ${ask.get()?.data_version}`;
    for (let [looks, before] = [0, asks.map(look)]; looks < 50; looks += 1) {
      await system.time.advance(BEAT_MS / 10);
      const now = asks.map(look);
      changed.push(...files.filter((_, n) => now[n] !== before[n]));
      before = now;
    }
    expect(changed).to.deep.equal(Array<string>(5).fill('views.db'));
    opened.forEach((file) => file.close());
    await system.close();
  });

  /** The log of one run, as text. */
  async function logOf(seed: string): Promise<string> {
    const system = await runSystem(seed);
    const { alice, messageId } = await send(system);
    await system.time.advance(MINUTE);
    await system.call('POST /messages/:id/reply', {
      as: alice,
      params: { id: messageId },
      body: { content: 'thanks' },
    });
    await system.time.advance(MINUTE);
    const events = await system.log();
    await system.close();
    return JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value), 1);
  }

  it('writes the same log from the same commands and the same seed, ids, nonces and times included', async () => {
    const [once, again, otherwise] = [await logOf('a seed'), await logOf('a seed'), await logOf('another seed')];
    expect(once).to.include('MessageCompleted').and.to.include('"nonce"');
    expect(again).to.equal(once);
    expect(otherwise).not.to.equal(once);
    expect(otherwise.length, 'as long as the other').to.equal(once.length);
  });
});
