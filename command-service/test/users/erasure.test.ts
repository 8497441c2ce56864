/** Erasure (domain 9.8): nothing personal can be read any more, not even after a backup of the keys was restored. */
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import type { EventStore, KeyStore, Sealed } from '@creator-dashboards/shared/ports';
import { kinds, type SealedKind } from '@creator-dashboards/shared/events/sealed';
import { createSealer, SubjectErased } from '@creator-dashboards/shared/seal';
import { expect } from 'chai';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { userStream } from '../../src/domain/user.js';
import { unlock } from '../../src/runtime/key-check.js';
import { crashingAt } from '../messages/interrupted-ports.js';
import { admin, anotherProcess, openPeople, PASSWORD, registration, someName, type People } from './people.js';

describe('Erasure of a person (9.8)', () => {
  let c: People;
  beforeEach(async () => {
    c = await openPeople();
  });
  afterEach(() => c.close());

  /** A creator with a link and an old code, who left a trace wherever she can. */
  async function somebody() {
    const [first, username] = [someName(), someName()];
    const email = `${username}@example.org`;
    const who = await c.register({ email, username: first, displayName: 'Ada' });
    await c.call('GET /referral/link', { as: who });
    await c.rename(who, username);
    await c.call('POST /creators/upgrade', { as: who, body: { displayName: 'Ada' } });
    await c.call('PATCH /users/avatar', { as: who, body: { avatarUrl: 'https://x.org/ada' } });
    return { ...who, email, username, first };
  }

  /** Everything in the log that is sealed for someone. */
  async function sealedFor(userId: string): Promise<Sealed[]> {
    const found: Sealed[] = [];
    const look = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      if ('ciphertext' in value && 'subject' in value && value.subject === userId) found.push(value as Sealed);
      Object.values(value).forEach(look);
    };
    (await c.log()).forEach(({ data, metadata }) => [data, metadata].forEach(look));
    return found;
  }

  /** What it says as whichever kind it is of; null for each once it cannot be read. */
  async function opened(seal: Sealed): Promise<unknown[]> {
    const as = (kind: SealedKind) => c.service.sealer.open(kind, seal);
    const tries = await Promise.allSettled(Object.values(kinds).map(as));
    return tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  }

  it('is requested, destroys the key, then is confirmed; the answer has the position of the confirmation', async () => {
    const { userId } = await somebody();
    const { position } = (await c.admit('erase', userId)).data as { position: string };
    const [requested, erased] = (await c.log(userStream(userId))).slice(-2);
    expect([requested?.type, erased?.type]).to.deep.equal(['UserErasureRequested', 'UserErased']);
    expect(BigInt(position)).to.equal(await c.service.events.head());
    expect(await c.service.keys.get(userId)).to.equal('destroyed');
    expect(requested?.metadata.reason?.subject, 'the reason outlives the person').to.equal(admin.userId);
    expect(await c.service.sealer.open(kinds.reason, requested?.metadata.reason ?? null)).to.equal('decided');
  });

  it('leaves nothing that can be opened, and lets nothing be sealed', async () => {
    const { userId } = await somebody();
    const sealed = await sealedFor(userId);
    expect(sealed.length).to.be.greaterThan(6);
    for (const each of sealed) expect(await opened(each)).not.to.include(null);
    await c.admit('erase', userId);
    for (const each of sealed) expect(new Set(await opened(each))).to.deep.equal(new Set([null]));
    expect(await c.service.sealer.seal(kinds.reason, userId, 'x').catch((error: unknown) => error)).to.be.instanceOf(
      SubjectErased,
    );
  });

  it('ends login, writes and the profile', async () => {
    const { userId, role, email } = await somebody();
    await c.admit('erase', userId);
    await c.refused('auth.login.invalid_credentials', 'POST /auth/login', { body: { email, password: PASSWORD } });
    await c.refused('auth.account.unknown', 'POST /users/reactivate', { as: { userId, role } });
    expect(await c.accounts.forWrites(userId)).to.not.equal('ACTIVE');
    expect((await c.log(`creator-${creatorIdOf(userId)}`)).at(-1)?.type).to.equal('CreatorDeleted');
  });

  it("frees the e-mail address; her names are nobody's for ever (G44)", async () => {
    const { userId, email, username, first } = await somebody();
    const names = [first, username];
    for (const name of names) expect(await c.owner.name(name)).to.equal(userId);
    await c.admit('erase', userId);
    const owners = [c.owner.email(email), ...names.map((name) => c.owner.name(name))];
    expect(await Promise.all(owners)).to.deep.equal([null, null, null]);
    const heir = await c.register({ email });
    for (const name of names) {
      const body = registration({ username: name });
      await c.refused('auth.register.username_taken', 'POST /auth/register', { body });
      await c.refused('error.user.username_taken', 'PATCH /users/username', { as: heir, body: { username: name } });
      const upgrade = { as: heir, body: { displayName: 'Heir', username: name } };
      await c.refused('creator.upgrade.username_taken', 'POST /creators/upgrade', upgrade);
    }
  });

  it('ends clicks and signups by her names', async () => {
    const { userId, username, first } = await somebody();
    await c.admit('erase', userId);
    const head = await c.service.events.head();
    for (const code of [first, username]) {
      const { tracked } = await c.data('POST /referral/click/:code', { params: { code } });
      expect(tracked).to.equal(true);
      await c.refused('referral.link.not_found', 'POST /admin/referral/links/:code/disable', {
        as: admin,
        params: { code },
        body: { reason: 'x' },
      });
    }
    expect(await c.service.events.head()).to.equal(head);
    const late = await c.register({ referralCode: username });
    expect((await c.account(late)).referredBy).to.equal(null);
  });

  it('answers 404 for an unknown user, and changes nothing the second time', async () => {
    const { userId } = await somebody();
    await c.admit('erase', userId);
    const head = await c.service.events.head();
    await c.admit('erase', userId);
    expect(await c.service.events.head()).to.equal(head);
  });

  it('is final: no admin can bring the account back', async () => {
    const { userId } = await somebody();
    await c.admit('erase', userId);
    const params = { userId };
    await c.refused('error.user.erased', 'POST /admin/users/:userId/reinstate', {
      as: admin,
      params,
      body: { reason: 'a mistake' },
    });
  });

  it('is completed by the policy, wherever the process died (9.3)', async () => {
    for (const side of ['before', 'after'] as const)
      for (let call = 1; ; call += 1) {
        const { userId, email } = await somebody();
        const { ports, crashed } = crashingAt(c.service, { call, side });
        const erase = { as: admin, params: { userId }, body: { reason: 'decided' }, key: userId };
        await anotherProcess(c, ports)
          .call('POST /admin/users/:userId/erase', erase)
          .catch(() => undefined);
        if (!crashed()) {
          expect(call).to.be.greaterThan(5);
          break;
        }
        const requested = (await c.types(userStream(userId))).includes('UserErasureRequested');
        await c.catchUp();
        expect((await c.account({ userId })).status).to.equal(requested ? 'ERASED' : 'ACTIVE');
        if (requested) expect(await c.owner.email(email)).to.equal(null);
        expect(await c.service.keys.get(userId))[requested ? 'to' : 'not'].equal('destroyed');
      }
  });

  describe('with a restored backup of the key store', () => {
    const MASTER_KEY = 'a master key for tests only';
    const opened: KeyStore[] = [];
    afterEach(async () => {
      for (const keys of opened.splice(0)) await keys.close();
    });

    /** A copy of the key store as it is now; opened when it is restored. */
    function backUp(name: string): () => KeyStore {
      const copy = join(c.folder, name);
      for (const suffix of ['', '-wal'])
        if (existsSync(join(c.folder, `keys.db${suffix}`)))
          copyFileSync(join(c.folder, `keys.db${suffix}`), `${copy}${suffix}`);
      return () => {
        const keys = openKeyStore(copy, [MASTER_KEY]);
        opened.push(keys);
        return keys;
      };
    }

    const startWith = (keys: KeyStore, events: EventStore = c.service.events) =>
      unlock({ events, keys, sealer: createSealer({ keys, events, clock: c.service.clock }) });

    it('destroys the key again at the start', async () => {
      const [gone, other] = [await somebody(), await somebody()];
      await unlock(c.service);
      const restore = backUp('old-keys.db');
      await c.admit('erase', gone.userId);
      const keys = restore();
      expect(await keys.get(gone.userId), 'the backup has it').to.be.instanceOf(Uint8Array);
      await startWith(keys);
      expect(await keys.get(gone.userId)).to.equal('destroyed');
      expect(await keys.getOrCreate(gone.userId)).to.equal('destroyed');
      expect(await keys.get(other.userId)).to.be.instanceOf(Uint8Array);
    });

    it('destroys the key again even if the backup is older than the first start', async () => {
      const gone = await somebody();
      const restore = backUp('first-keys.db');
      await c.admit('erase', gone.userId);
      await unlock(c.service);
      const keys = restore();
      await startWith(keys);
      expect(await keys.get(gone.userId)).to.equal('destroyed');
    });

    it('reads the log from the saved position on, and moves that to the head', async () => {
      await somebody();
      await unlock(c.service);
      const read: bigint[] = [];
      const { events } = c.service;
      const listening: EventStore = {
        ...events,
        readAll: (options) => {
          read.push(options.after);
          return events.readAll(options);
        },
      };
      const head = await events.head();
      await startWith(c.service.keys, listening);
      expect(read.splice(0), 'nothing new').to.deep.equal([head]);
      const late = await somebody();
      await c.admit('erase', late.userId);
      await startWith(c.service.keys, listening);
      expect(read[0]).to.equal(head);
    });

    it('reads the log from its beginning when the saved position is beyond the end, or holds another event', async () => {
      const gone = await somebody();
      await c.admit('erase', gone.userId);
      const keys = backUp('other-keys.db')();
      const [last] = (await c.log()).slice(-1);
      const saved = (mark: object) => JSON.stringify({ eventId: last?.id, newest: [], ...mark });
      for (const position of [(last?.position ?? 0n) + 1n, 1n]) {
        await keys.setMark('erasures', saved({ position: position.toString() }));
        await startWith(keys);
        expect(await keys.getMark('erasures')).to.include(`"position":"${last?.position}"`);
        expect(await keys.get(gone.userId)).to.equal('destroyed');
      }
    });
  });
});
