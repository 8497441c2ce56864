/** A key is made once (domain G63): with a key store that is older than the log nothing is sealed anew. */
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { newId } from '@creator-dashboards/shared/ids';
import { silentLog } from '@creator-dashboards/shared/process/log';
import type { KeyStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { DamagedEvent, KeyMissing } from '@creator-dashboards/shared/store-errors';
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { expect } from 'chai';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createCommandService } from '../../src/create-service.js';
import { features } from '../../src/features/features.js';
import { unlock } from '../../src/runtime/key-check.js';
import { sealedFor } from '../../src/runtime/sealing.js';
import { admin, openPeople, type People } from './people.js';

describe('A key store older than the log (G63)', () => {
  let c: People;
  const opened: KeyStore[] = [];
  beforeEach(async () => {
    c = await openPeople();
  });
  afterEach(async () => {
    for (const keys of opened.splice(0)) await keys.close();
    await c.close();
  });

  const open = (name: string): KeyStore => {
    const keys = openKeyStore(join(c.folder, name), ['a master key for tests only']);
    opened.push(keys);
    return keys;
  };

  /** The key store as it is now; opened when it is restored. */
  function backUp(): () => KeyStore {
    const name = `${newId()}.db`;
    for (const suffix of ['', '-wal']) {
      const file = join(c.folder, `keys.db${suffix}`);
      if (existsSync(file)) copyFileSync(file, join(c.folder, `${name}${suffix}`));
    }
    return () => open(name);
  }

  const missed: string[] = [];
  const time = createManualTime();
  const serviceOn = (keys: KeyStore) =>
    createCommandService({
      ...c.service,
      changes: createChanges(),
      keys,
      clock: { ...time, now: () => c.service.clock.now() },
      features,
      owner: newId(),
      isDead: () => true,
      log: silentLog,
      onMissingKey: ({ message }) => missed.push(message),
    });

  const faultOf = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('it was unlocked'),
      (error: unknown) => error as Error,
    );

  it('is not unlocked, and nothing is changed in it, when a newest registration has no key', async () => {
    await c.register();
    const restore = backUp();
    const gone = await c.register();
    const { userId } = await c.register();
    await c.admit('erase', gone.userId);
    const keys = restore();
    const before = await keys.getMark('erasures');
    const fault = await faultOf(serviceOn(keys).unlock());
    expect(fault).to.be.instanceOf(KeyMissing);
    expect(fault.message).to.include(userId).and.include('restore its newest backup');
    expect(await keys.getMark('erasures')).to.equal(before);
    expect(await keys.get(gone.userId)).to.equal('none');
    expect(await keys.get(userId)).to.equal('none');
  });

  it('is not unlocked, and gets no new key for the digests, when it is empty', async () => {
    await c.register();
    const keys = open('empty.db');
    const fault = await faultOf(serviceOn(keys).unlock());
    expect(fault).to.be.instanceOf(KeyMissing);
    expect(fault.message).to.include('the digests');
    expect(await keys.get('digests')).to.equal('none');
  });

  it('is asked for the newest five registrations only: an older key that is lost locks nobody out', async () => {
    const people = [];
    for (let count = 0; count < 6; count += 1) people.push(await c.register());
    const partial = open('partial.db');
    await partial.getOrCreate('digests');
    for (const { userId } of people.slice(2)) await partial.getOrCreate(userId);
    expect((await faultOf(serviceOn(partial).unlock())).message).to.include(people[1]?.userId);
    await partial.getOrCreate(people[1]?.userId ?? '');
    await serviceOn(partial).unlock();
  });

  it('is not unlocked when the key of the digests was destroyed', async () => {
    await c.service.keys.destroy('digests');
    expect((await faultOf(serviceOn(c.service.keys).unlock())).message).to.include('for the digests any more');
  });

  it('is unlocked when all who registered since were erased', async () => {
    const restore = backUp();
    const gone = await c.register();
    await c.admit('erase', gone.userId);
    const keys = restore();
    await serviceOn(keys).unlock();
    expect(await keys.get(gone.userId)).to.equal('destroyed');
  });

  it('finds those missing who registered before its saved position', async () => {
    const { userId } = await c.register();
    await serviceOn(c.service.keys).unlock();
    const other = open('other.db');
    await other.getOrCreate('digests');
    await other.setMark('erasures', (await c.service.keys.getMark('erasures')) ?? '');
    expect((await faultOf(serviceOn(other).unlock())).message).to.include(userId);
  });

  it('makes the service start unready, saying what to do, and work once the right keys are back', async () => {
    missed.length = 0;
    const restore = backUp();
    const who = await c.register();
    const right = c.service.keys;
    let keys = restore();
    const swapped = new Proxy({} as KeyStore, { get: (_, name: keyof KeyStore) => keys[name].bind(keys) });
    const service = serviceOn(swapped);
    await service.start((error) => expect.fail(String(error)));
    expect(await service.ready()).to.deep.equal({ ready: false, checks: { keys: missed[0] } });
    expect(missed[0]).to.include(who.userId);
    expect(() => service.service.digest('email', 'a@b.c')).to.throw(KeyMissing);
    await service.catchUp();
    expect((await service.status()).map(({ role, parkedKeys }) => [role, parkedKeys])).to.deep.equal(
      (await service.status()).map(() => ['standby', 0]),
    );
    keys = right;
    await time.advance(10_000);
    expect(service.service.digest('email', 'a@b.c')).to.equal(c.service.digest('email', 'a@b.c'));
    await service.catchUp();
    expect((await service.ready()).ready).to.equal(true);
    await service.stop();
  });

  it('lets an admin erase a person whose key is lost for ever: the reason is sealed for the admin', async () => {
    const restore = backUp();
    const lost = await c.register();
    const { service } = serviceOn(restore());
    const reason = await sealedFor(service, kinds.reason, [lost.userId, admin.userId], 'the key is lost');
    expect(reason?.subject).to.equal(admin.userId);
  });

  it('is looked for in the log page by page, and requests are let in between', async () => {
    const { events, keys, sealer } = c.service;
    await c.register();
    let pages = 0;
    const [registered] = await events.readAll({ after: 0n, limit: 1 });
    const long = {
      ...events,
      readAll: async () => ((pages += 1) <= 20 && registered ? [registered] : []),
    };
    const pagesAtTurns = new Set<number>();
    let over = false;
    const others = (async () => {
      for (; !over; await nextTurn()) pagesAtTurns.add(pages);
    })();
    await unlock({ events: long, keys, sealer });
    over = true;
    await others;
    expect([...pagesAtTurns]).to.include.members(Array.from({ length: 20 }, (_, page) => page));
  });

  it('is looked for past events that cannot be read', async () => {
    const { events, keys, sealer } = c.service;
    const { userId } = await c.register();
    const damaged = (event: RecordedEvent): RecordedEvent => ({
      ...{ id: event.id, stream: event.stream, revision: event.revision, position: event.position },
      type: 'UserAvatarChanged',
      get data(): never {
        throw new DamagedEvent('its data is not JSON');
      },
      get metadata(): never {
        throw new DamagedEvent('its metadata is not JSON');
      },
    });
    const readAll: typeof events.readAll = async (options) =>
      (await events.readAll(options)).map((event) => (event.type === 'UserRegistered' ? event : damaged(event)));
    await unlock({ events: { ...events, readAll }, keys, sealer });
    expect(JSON.parse((await keys.getMark('erasures')) ?? '')).to.have.deep.property('newest', [userId]);
  });
});
