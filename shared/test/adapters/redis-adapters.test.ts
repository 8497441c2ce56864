import { expect } from 'chai';
import fc from 'fast-check';
import { once } from 'node:events';
import { openRedisCounters } from '../../src/adapters/redis/counters.js';
import { openRedisJobQueue } from '../../src/adapters/redis/job-queue.js';
import { decodeId, decodeName, encodeId, encodeName, jobsPrefix } from '../../src/adapters/redis/keys.js';
import { faultsOf } from '../../src/adapters/redis/server-checks.js';
import { parseRedisUrl } from '../../src/adapters/redis/url.js';
import { StoreUnavailable } from '../../src/store-errors.js';
import { rejection } from '../../testing/contract.js';

/** Nobody listens on port 1. */
const NOBODY = 'redis://127.0.0.1:1';
const silent = { onError: () => undefined };

describe('A Redis address', () => {
  it('gives the host, with the usual port and database', () => {
    expect(parseRedisUrl('redis://queue')).to.deep.equal({
      host: 'queue',
      port: 6379,
      db: 0,
      prefix: 'creator-dashboards',
      shown: 'Redis at queue:6379',
    });
  });

  it('gives credentials, port and database, and never shows the credentials', () => {
    expect(parseRedisUrl('redis://services:p%40ss%3Aw%2Ford@10.0.0.7:6390/15')).to.deep.equal({
      host: '10.0.0.7',
      port: 6390,
      username: 'services',
      password: 'p@ss:w/ord',
      db: 15,
      prefix: 'creator-dashboards',
      shown: 'Redis at 10.0.0.7:6390',
    });
    expect(parseRedisUrl('redis://:word@queue')).to.include({ password: 'word' }).and.not.have.property('username');
  });

  it('with rediss uses TLS, and verifies the certificate of a named host', () => {
    expect(parseRedisUrl('rediss://queue.example.com:6380').tls).to.deep.equal({ servername: 'queue.example.com' });
    expect(parseRedisUrl('rediss://10.0.0.7').tls).to.deep.equal({});
    expect(parseRedisUrl('redis://queue')).to.not.have.property('tls');
  });

  it('can have a prefix for the keys, so that installations can share a server', () => {
    expect(parseRedisUrl('redis://queue/1?prefix=here')).to.include({ db: 1, prefix: 'here' });
  });

  it('can be IPv6', () => {
    expect(parseRedisUrl('rediss://[::1]:6390')).to.include({ host: '::1', port: 6390 });
  });

  for (const bad of [
    'sqlite:',
    'redis',
    'redis:///3',
    'http://queue',
    'redis://queue/three',
    'redis://queue/1/2',
    'redis://queue/-1',
    'redis://queue?commandTimeout=1',
    'redis://queue?prefix=a:b',
    'redis://user@queue',
    'redis://:%zz-secret@queue',
    'redis://:secret@queue:port',
  ])
    it(`is rejected without being repeated: ${bad}`, () => {
      expect(() => parseRedisUrl(bad))
        .to.throw(RangeError)
        .with.property('message')
        .that.not.includes('secret');
      expect(() => openRedisCounters(bad, silent)).to.throw(RangeError);
      expect(() => openRedisJobQueue(bad, silent)).to.throw(RangeError);
    });
});

describe('Redis keys', () => {
  const anyText = fc.string({ unit: 'binary', minLength: 1 });

  it('carry any id there and back, in characters that BullMQ accepts', () => {
    fc.assert(
      fc.property(anyText, (id) => {
        const encoded = encodeId(id);
        expect(encoded).to.match(/^job-[\w.%-]+$/);
        expect(decodeId(encoded)).to.equal(id);
        expect(decodeName(encodeName(id))).to.equal(id);
        expect(encodeName(id)).to.match(/^[\w.%-]+$/);
      }),
    );
    expect(decodeId(encodeId('\ud800'))).to.equal('\ud800');
  });

  it('differ for different ids', () => {
    fc.assert(fc.property(anyText, anyText, (a, b) => (a === b) === (encodeId(a) === encodeId(b))));
    expect(encodeId(':')).to.not.equal(encodeId('%003a'));
  });

  it('of jobs are in one slot of a cluster', () => {
    expect(jobsPrefix('creator-dashboards')).to.equal('{creator-dashboards}');
  });

  for (const prefix of ['', 'a:b', '{a}', 'a*', 'a b'])
    it(`cannot start with ${JSON.stringify(prefix)}`, () => {
      expect(() => openRedisCounters(NOBODY, { ...silent, prefix })).to.throw(RangeError);
      expect(() => openRedisJobQueue(NOBODY, { ...silent, prefix })).to.throw(RangeError);
    });
});

describe("The faults found in a Redis server's INFO", () => {
  const info = (lines: Record<string, string>) =>
    `# Server\r\n${Object.entries(lines)
      .map(([name, value]) => `${name}:${value}\r\n`)
      .join('')}`;
  const good = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: '1' };

  it('are none for a server that keeps jobs', () => {
    expect(faultsOf(info(good))).to.deep.equal([]);
    expect(faultsOf(info({ ...good, redis_version: '6.2.0' }))).to.deep.equal([]);
    expect(faultsOf('')).to.deep.equal([]);
  });

  for (const [name, value] of [
    ['maxmemory_policy', 'volatile-lru'],
    ['aof_enabled', '0'],
    ['redis_version', '6.0.20'],
    ['redis_version', '5.0.14'],
  ] as const)
    it(`are one for ${name} ${value}`, () => {
      expect(faultsOf(info({ ...good, [name]: value }))).to.have.length(1);
    });
});

describe('Redis adapters where nobody listens', () => {
  it('reject wrong arguments before connecting', async () => {
    const [counters, queue] = [openRedisCounters(NOBODY, silent), openRedisJobQueue(NOBODY, silent)];
    const job = { id: 'a', name: 'rebuild', data: {} };
    for (const bad of [
      counters.hit('a', 0.5),
      counters.addMember('s', 'a', Number.MAX_VALUE),
      queue.add({ ...job, id: '' }),
      queue.add({ ...job, id: 'a\0' }),
      queue.add({ ...job, name: '' }),
      queue.add({ ...job, attempts: 1.5 }),
      queue.add({ ...job, delayMs: Number.NaN }),
      queue.add({ ...job, data: { at: Infinity } }),
      queue.get(''),
      queue.list('\0'),
    ])
      expect(await rejection(bad)).to.be.instanceOf(RangeError);
    expect(() => queue.work('', async () => undefined)).to.throw(RangeError);
    await Promise.all([counters.close(), queue.close()]);
  });

  it('open, reject calls as unavailable, report that once, and close', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const counters = openRedisCounters(NOBODY, { onError });
    for (let i = 0; i < 3; i++) expect(await rejection(counters.hit('a', 1_000))).to.be.instanceOf(StoreUnavailable);
    const queue = openRedisJobQueue(NOBODY, silent);
    expect(await rejection(queue.get('a'))).to.be.instanceOf(StoreUnavailable);
    queue.work('rebuild', async () => undefined);
    await Promise.all([counters.close(), queue.close()]);
    expect(errors).to.have.length(1);
    for (const after of [counters.hit('a', 1_000), queue.get('a')])
      expect(await rejection(after))
        .to.be.instanceOf(Error)
        .and.not.instanceOf(StoreUnavailable);
    expect(() => queue.work('rebuild', async () => undefined)).to.throw('closed');
  });

  it('emit a process warning when the caller passed no function to be told', async () => {
    const warned = once(process, 'warning');
    const queue = openRedisJobQueue(NOBODY, { onError: undefined });
    expect(await rejection(queue.get('a'))).to.be.instanceOf(StoreUnavailable);
    await queue.close();
    expect((await warned)[0]).to.be.instanceOf(StoreUnavailable);
  });
});
