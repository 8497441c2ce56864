import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { CreatorUserId, derivedId } from '@creator-dashboards/shared/ids';
import type { Actor, EventStore } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { nameDigest } from '../../src/commands/names.js';
import { abandonOnCreator } from '../../src/commands/abandoning.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { unfinishedReservations } from '../../src/lookups/unfinished-reservations.js';
import { firstUsername } from '../../src/policies/first-username.js';
import { contextOfStep } from '../../src/runtime/command-context.js';
import { undo } from '../../src/commands/reserving.js';
import type { Harness } from '../support/harness.js';
import { configured, creatorPerson, happened, person, start } from './flows.js';

describe('POST /creators/upgrade', () => {
  const upgrade = 'POST /creators/upgrade';
  const body = { displayName: 'Alice', bio: 'I paint.', username: 'alice' };
  let h: Harness;
  /** Runs once, just before the next append to a creator's stream. */
  let meanwhile: (() => Promise<void>) | null;
  const nameStream = (name: string) => reservationStream('name', nameDigest(h.service, name));

  beforeEach(async () => {
    meanwhile = null;
    h = await start({
      events: (store): EventStore => ({
        ...store,
        async append(stream, expected, events) {
          const interruption = stream.startsWith('creator-') ? meanwhile : null;
          if (interruption) {
            meanwhile = null;
            await interruption();
          }
          return store.append(stream, expected, events);
        },
      }),
    });
  });
  afterEach(() => h.close());

  it('reserves the username, creates the profile, then sets the username on the account', async () => {
    const as = await person(h);
    const { stream, creatorId } = creatorPerson(as);
    const answer = await h.call(upgrade, { as, body });
    expect(answer.status).to.equal(201);
    expect(answer.data).to.include({ creatorId, bioPageUrl: 'http://localhost:3000/alice' });
    expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved']);
    expect(await h.types(stream)).to.deep.equal(['CreatorUpgraded']);
    expect(await h.types(`user-${as.userId}`)).to.deep.equal(['UserRegistered', 'UsernameChanged']);
    const log = await h.log();
    expect(answer.data).to.have.property('position', log.at(-1)?.position.toString());
  });

  it('seals personal texts; the bio defaults to the display name', async () => {
    const as = await person(h);
    await h.call(upgrade, { as, body: { displayName: 'Alice', username: ' ALICE ' } });
    const [made] = (await h.log(creatorPerson(as).stream)) as unknown as [EventNamed<'CreatorUpgraded'>];
    const open = h.service.sealer.open;
    expect(await open(kinds.displayName, made.data.displayName)).to.equal('Alice');
    expect(await open(kinds.bio, made.data.bio)).to.equal('Alice');
    expect(await open(kinds.name, made.data.username)).to.equal('alice');
    expect(JSON.stringify(made.data)).not.to.contain('alice');
  });

  it('requires a username only when the account has none', async () => {
    const as = await person(h);
    await h.refused('creator.upgrade.username_required', upgrade, { as, body: { displayName: 'Alice' } });
    const named = await person(h);
    await happened(h, `user-${named.userId}`, { userId: named.userId }, [
      {
        type: 'UsernameChanged',
        data: {
          userId: named.userId,
          old: null,
          new: await h.service.sealer.seal(kinds.name, named.userId, 'bob'),
          oldDigest: null,
          newDigest: nameDigest(h.service, 'bob'),
          at: h.now(),
        },
      },
    ]);
    const answer = await h.data(upgrade, { as: named, body: { displayName: 'Bob' } });
    expect(answer).to.include({ bioPageUrl: 'http://localhost:3000/bob' });
    const [made] = await h.log(creatorPerson(named).stream);
    expect(await firstUsername.react(made as never, h.service), 'nothing follows').to.deep.equal([]);
  });

  it('refuses usernames that are too short, malformed, reserved or taken (G33), without leaving a trace', async () => {
    const as = await person(h);
    const before = (await h.log()).length;
    const named = (username: string) => ({ as, body: { ...body, username } });
    await h.refused('error.user.username_length', upgrade, named('al'));
    await h.refused('error.user.username_format', upgrade, named('al ice'));
    await h.refused('creator.upgrade.username_taken', upgrade, named('Admin'));
    expect(await h.log()).to.have.lengthOf(before);
    await h.call(upgrade, { as: await person(h), body });
    await h.refused('creator.upgrade.username_taken', upgrade, { as, body });
    expect(await h.types(creatorPerson(as).stream)).to.deep.equal([]);
  });

  it('succeeds once per user (G33); a second try reserves nothing', async () => {
    const as = await person(h);
    await h.call(upgrade, { as, body });
    const before = (await h.log()).length;
    await h.refused('creator.upgrade.already_creator', upgrade, { as, body: { ...body, username: 'other' } });
    expect(await h.log()).to.have.lengthOf(before);
  });

  it('repeats the first answer to a retry with the same key (9.7)', async () => {
    const as = await person(h);
    const first = await h.data(upgrade, { as, body, key: 'once' });
    const length = (await h.log()).length;
    expect(await h.data(upgrade, { as, body, key: 'once' })).to.deep.equal(first);
    expect(await h.log()).to.have.lengthOf(length);
    await h.refused('common.idempotency_mismatch', upgrade, { as, body: { ...body, bio: 'Else.' }, key: 'once' });
  });

  it('accepts only a template that exists and is active', async () => {
    const template = {
      id: '0190bbbb-0000-7000-8000-000000000001',
      name: 'Dark',
      description: null,
      tokens: {},
      thumbnail: null,
      active: true,
      sortOrder: 0,
      createdAt: h.now(),
      updatedAt: h.now(),
    };
    const off = { ...template, id: '0190bbbb-0000-7000-8000-000000000002', active: false };
    await configured(h, 'bio.templates', [template, off]);
    const as = await person(h);
    for (const themeId of ['unknown', off.id])
      await h.refused('creator.bio.template_unknown', upgrade, { as, body: { ...body, themeId } });
    await h.call(upgrade, { as, body: { ...body, themeId: template.id } });
    const [made] = await h.log(creatorPerson(as).stream);
    expect(made?.data).to.deep.include({ templateId: template.id, template });
  });

  it('releases the username when another upgrade of the same user was faster (G43)', async () => {
    const as = await person(h);
    const { stream } = creatorPerson(as);
    // Within one process it would queue behind this one, so it comes from another process: as an event in the stream.
    meanwhile = async () => {
      const other = await h.service.sealer.seal(kinds.displayName, as.userId, 'x');
      const { creatorId, bioPageId, userId } = creatorPerson(as);
      const data = { creatorId, userId: CreatorUserId(userId), bioPageId, displayName: other, bio: other };
      const rest = { username: null, usernameDigest: null, templateId: null, template: null, createdAt: h.now() };
      await happened(h, stream, { userId, creatorId }, [{ type: 'CreatorUpgraded', data: { ...data, ...rest } }]);
    };
    await h.refused('creator.upgrade.already_creator', upgrade, { as, body });
    expect(await h.types(stream)).to.deep.equal(['CreatorUpgraded', 'CommandAbandoned']);
    expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved', 'Released']);
    await h.catchUp();
    expect(await h.service.lookups.find(unfinishedReservations, { where: { open: true }, limit: 10 })).to.deep.equal(
      [],
    );
  });

  it('releases the username when the account got another one in the meantime', async () => {
    const as = await person(h);
    const { userId } = as;
    meanwhile = async () => {
      const name = await h.service.sealer.seal(kinds.name, userId, 'faster');
      const newDigest = nameDigest(h.service, 'faster');
      const data = { userId, old: null, new: name, oldDigest: null, newDigest, at: h.now() };
      await happened(h, `user-${userId}`, { userId }, [{ type: 'UsernameChanged', data }]);
    };
    const { bioPageUrl } = await h.data(upgrade, { as, body });
    expect(bioPageUrl, 'the name in force').to.equal('http://localhost:3000/faster');
    expect(await h.types(`user-${userId}`)).to.deep.equal(['UserRegistered', 'UsernameChanged']);
    expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved', 'Released']);
    await h.catchUp();
    expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved', 'Released']);
  });

  it('gives the username back when the erasure of the account has begun in the meantime (G44)', async () => {
    const as = await person(h);
    const { userId } = as;
    meanwhile = () => happened(h, `user-${userId}`, { userId }, [{ type: 'UserErasureRequested', data: { userId } }]);
    await h.call(upgrade, { as, body });
    expect(await h.types(`user-${userId}`)).to.deep.equal(['UserRegistered', 'UserErasureRequested']);
    expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved', 'Released']);
  });

  describe('interrupted half-way (G43)', () => {
    const key = 'stopped';

    /** The process dies after the reservation; answers the unfinished work that the clock finds. */
    async function stopped(as: Actor) {
      meanwhile = () => Promise.reject(new Error('the process died'));
      await h.call(upgrade, { as, body, key }).then(
        () => expect.fail('it should have died'),
        () => undefined,
      );
      await h.catchUp();
      const [work] = await h.service.lookups.find(unfinishedReservations, { where: { open: true }, limit: 10 });
      if (!work) throw new Error('the look-up knows of no open work');
      return work;
    }

    async function cleanUp(work: Awaited<ReturnType<typeof stopped>>) {
      const { ownerId } = work;
      const context = contextOfStep(
        {
          commandId: work._id,
          since: null,
          correlationId: derivedId('clean-up'),
          causationId: work._id,
          actor: { userId: null, role: 'SYSTEM' },
          reason: null,
          at: h.now(),
        },
        work._id,
      );
      const taken = work.streams.map((stream) => ({ stream, ownerId }));
      await undo(h.service, context, taken, 'creator.upgrade.interrupted', abandonOnCreator(h.service, work));
    }

    it('finishes when it is retried in time', async () => {
      const as = await person(h);
      await stopped(as);
      expect(await h.data(upgrade, { as, body, key })).to.include({ bioPageUrl: 'http://localhost:3000/alice' });
      await h.catchUp();
      expect(await h.service.lookups.find(unfinishedReservations, { where: { open: true }, limit: 10 })).to.deep.equal(
        [],
      );
    });

    it('is closed, then undone: the username is free, and the old key cannot finish it', async () => {
      const as = await person(h);
      const work = await stopped(as);
      await cleanUp(work);
      await cleanUp(work);
      expect(await h.types(creatorPerson(as).stream)).to.deep.equal(['CommandAbandoned']);
      expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved', 'Released']);
      await h.refused('creator.upgrade.interrupted', upgrade, { as, body, key });
      expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved', 'Released']);
      const other = await person(h);
      await h.call(upgrade, { as: other, body });
      await h.call(upgrade, { as, body: { ...body, username: 'alice2' }, key: 'new' });
      expect(await h.types(creatorPerson(as).stream)).to.deep.equal(['CommandAbandoned', 'CreatorUpgraded']);
    });

    it('is left alone when it had been decided after all', async () => {
      const as = await person(h);
      const work = await stopped(as);
      await h.call(upgrade, { as, body, key });
      await cleanUp(work);
      expect(await h.types(creatorPerson(as).stream)).to.deep.equal(['CreatorUpgraded']);
      expect(await h.types(nameStream('alice'))).to.deep.equal(['Reserved']);
    });
  });
});
