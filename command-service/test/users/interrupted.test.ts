/** Commands that reserve a name first (G43, 9.2) and stop between their streams: at the end all of it is done, or nothing. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { ErrorKey } from '@creator-dashboards/shared/errors';
import { derivedId } from '@creator-dashboards/shared/ids';
import { SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import type { Call } from '../../src/http/call-route.js';
import { referralLink, referralLinkStream } from '../../src/domain/referral-link.js';
import { userStream } from '../../src/domain/user.js';
import { slicesFor } from '../../src/commands/referral-links.js';
import { undoUnfinished } from '../../src/clock/unfinished.js';
import { createClockRunner } from '../../src/runtime/clock-task.js';
import { crashingAt, pausingAt, type CallPoint } from '../messages/interrupted-ports.js';
import { refusalOf } from '../messages/fixtures.js';
import { anotherProcess, openPeople, registration, someName, type People } from './people.js';

/** More calls than any of these commands makes; a walk ends at the first place that is no longer reached. */
const CALLS_MAX = 80;

/** A command to be interrupted, and how to recognise its two possible ends. */
interface Attempt {
  readonly row: string;
  readonly call: Call;
  /** Everything is done. */
  readonly there: () => Promise<void>;
  /** Nothing is left of it, and the names are free. */
  readonly nowhere: () => Promise<void>;
  /** Whether it was decided. */
  readonly decided: () => Promise<boolean>;
  /** Asks for the same names with a new command. */
  readonly again: Call;
}

interface Kind {
  readonly title: string;
  readonly interrupted: ErrorKey;
  readonly attempt: (c: People) => Promise<Attempt>;
}

const registering: Kind = {
  title: 'a registration',
  interrupted: 'auth.register.interrupted',
  async attempt(c) {
    const username = someName();
    const body = registration({ username });
    const owners = () => Promise.all([c.owner.email(body.email as string), c.owner.name(username)]);
    return {
      row: 'POST /auth/register',
      call: { body, key: someName() },
      again: { body },
      async decided() {
        const [userId] = await owners();
        return userId !== null && (await c.account({ userId })).status === 'ACTIVE';
      },
      async there() {
        const [ofEmail, ofName] = await owners();
        expect([ofEmail, ofName]).to.deep.equal([ofEmail, ofEmail]);
        expect((await c.account({ userId: ofEmail ?? '' })).status).to.equal('ACTIVE');
      },
      async nowhere() {
        expect(await owners()).to.deep.equal([null, null]);
      },
    };
  },
};

const renaming: Kind = {
  title: 'a rename',
  interrupted: 'error.user.username_interrupted',
  async attempt(c) {
    const [old, username] = [someName(), someName()];
    const who = await c.register({ username: old });
    const call = { as: who, body: { username } };
    const owners = () => Promise.all([c.owner.name(old), c.owner.name(username)]);
    return {
      row: 'PATCH /users/username',
      call: { ...call, key: someName() },
      again: call,
      decided: async () => (await c.types(userStream(who.userId))).includes('UsernameChanged'),
      async there() {
        expect(await owners(), 'the old name stays hers').to.deep.equal([who.userId, who.userId]);
        expect(await c.service.sealer.open(kinds.name, (await c.account(who)).username)).to.equal(username);
      },
      async nowhere() {
        expect(await owners()).to.deep.equal([who.userId, null]);
        expect(await c.service.sealer.open(kinds.name, (await c.account(who)).username)).to.equal(old);
      },
    };
  },
};

const linking: Kind = {
  title: 'the creation of a referral link',
  interrupted: 'referral.link.interrupted',
  async attempt(c) {
    const who = await c.register();
    const [code = ''] = slicesFor(derivedId(who.userId, 'referralLink', '0'));
    const made = async () => (await c.service.commands.load(referralLink, referralLinkStream(who.userId))).state.linkId;
    return {
      row: 'GET /referral/link',
      call: { as: who },
      again: { as: who },
      decided: async () => (await made()) !== null,
      async there() {
        expect(await made()).not.to.equal(null);
      },
      async nowhere() {
        expect(await c.owner.name(code)).to.equal(null);
        expect(await made()).to.equal(null);
      },
    };
  },
};

describe('An interrupted command (G43)', function () {
  let c: People;
  before(async () => {
    c = await openPeople();
  });
  after(() => c.close());

  /** The 60 s after which a live process's clock undoes unfinished work. */
  const cleanUp = () => c.pass(60 * SECOND);

  async function everyPlace(visit: (place: CallPoint) => Promise<boolean>): Promise<void> {
    let visited = 0;
    for (let call = 1; call <= CALLS_MAX; call += 1)
      for (const side of ['before', 'after'] as const) {
        if (!(await visit({ call, side }))) return void expect(visited).to.be.greaterThan(2);
        visited += 1;
      }
    expect.fail('the walk did not end');
  }

  for (const kind of [registering, renaming, linking])
    describe(`like ${kind.title}`, () => {
      /** Run by a process that dies at this place; null when it completed first. */
      async function crashed(place: CallPoint): Promise<Attempt | null> {
        const attempt = await kind.attempt(c);
        const { ports, crashed } = crashingAt(c.service, place);
        await anotherProcess(c, ports)
          .call(attempt.row, attempt.call)
          .catch(() => undefined);
        return crashed() ? attempt : null;
      }

      it('is finished by a retry, wherever the process died', () =>
        everyPlace(async (place) => {
          const attempt = await crashed(place);
          if (!attempt) return false;
          await anotherProcess(c).call(attempt.row, attempt.call);
          await attempt.there();
          await cleanUp();
          await attempt.there();
          return true;
        }));

      it('is undone after 60 s and can be requested again, wherever the process died', () =>
        everyPlace(async (place) => {
          const attempt = await crashed(place);
          if (!attempt) return false;
          const decided = await attempt.decided();
          await cleanUp();
          await (decided ? attempt.there() : attempt.nowhere());
          if (!decided) await c.call(attempt.row, attempt.again);
          await attempt.there();
          return true;
        }));

      it('is left alone before the 60 s are over', async () => {
        const attempt = await crashed({ call: 2, side: 'before' });
        await c.pass(60 * SECOND - 1);
        await anotherProcess(c).call(attempt?.row ?? '', attempt?.call);
        await attempt?.there();
      });

      it('cannot finish after a pause in which it was undone', () =>
        everyPlace(async (place) => {
          const attempt = await kind.attempt(c);
          const { ports, paused, resume } = pausingAt(c.service, place);
          const { events } = ports;
          const outcome = refusalOf(anotherProcess(c, { events }).call(attempt.row, attempt.call));
          if (!(await Promise.race([paused.then(() => true), outcome.then(() => false)]))) return false;
          const before = await c.types();
          const begun = before.length > 0 && before.at(-1) === 'Reserved';
          await cleanUp();
          resume();
          const refused = await outcome;
          expect(refused, JSON.stringify(place)).to.equal(begun ? kind.interrupted : undefined);
          await (begun ? attempt.nowhere() : attempt.there());
          return true;
        }));

      it('leaves the clock nothing to do once it was undone', async () => {
        const attempt = await crashed({ call: 2, side: 'before' });
        await cleanUp();
        await attempt?.nowhere();
        expect(await c.tick()).to.equal(0);
      });
    });

  it('is undone by the next process when the one undoing it dies, at any place', () =>
    everyPlace(async (place) => {
      const { row, call, nowhere } = await registering.attempt(c);
      const { ports } = crashingAt(c.service, { call: 2, side: 'after' });
      await anotherProcess(c, ports)
        .call(row, call)
        .catch(() => undefined);
      await c.advance(60 * SECOND);
      const undoing = crashingAt(c.service, place);
      await createClockRunner(undoUnfinished)(anotherProcess(c, undoing.ports).service, c.now());
      await c.catchUp();
      await c.tick();
      await nowhere();
      return undoing.crashed();
    }));

  it('is undone although the undoing of another fails', async () => {
    const attempts = [await registering.attempt(c), await registering.attempt(c)];
    for (const { row, call } of attempts) {
      const { ports } = crashingAt(c.service, { call: 2, side: 'before' });
      await anotherProcess(c, ports)
        .call(row, { ...call, key: someName() })
        .catch(() => undefined);
    }
    await c.advance(60 * SECOND);
    const failingOnce = anotherProcess(c, { events: rejectingOneAppend(c) }).service;
    expect(await createClockRunner(undoUnfinished)(failingOnce, c.now())).to.include({ done: 1, failed: 1 });
    await c.catchUp();
    expect(await c.tick(), 'one is left').to.equal(1);
    for (const { nowhere } of attempts) await nowhere();
  });
});

function rejectingOneAppend({ service: { events } }: People): People['service']['events'] {
  let appends = 0;
  return {
    ...events,
    append: (...batch) => (++appends === 1 ? Promise.reject(new Error('disk full')) : events.append(...batch)),
  };
}
