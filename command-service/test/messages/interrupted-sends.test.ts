/** A send that stops between its streams (G43, 9.2): at the end there is a message with its money held once, or nothing at all. */
import { SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { undoUnfinishedSends } from '../../src/clock/messages.js';
import { createClockRunner } from '../../src/runtime/clock-task.js';
import { crashingAt, gate, pausingAt, type CallPoint } from './interrupted-ports.js';
import {
  anotherProcess,
  free,
  perMessage,
  refusalOf,
  openFixtures,
  type Creator,
  type Dm,
  type Outgoing,
  type Person,
  type Fixtures,
} from './fixtures.js';

interface Kind {
  readonly title: string;
  readonly dm: Dm;
  readonly message: Outgoing;
  /** What the fan can spend, and what is held, once the message exists. */
  readonly left: { readonly balance: string; readonly held: string };
}
/** Every fan has the price of one message. */
const PURSE = '4.00';
const paid: Kind = {
  title: 'a paid message',
  dm: perMessage(PURSE),
  message: { content: 'hello' },
  left: { balance: '0.00', held: PURSE },
};
const flagged: Kind = { ...paid, title: 'a flagged message', message: { content: 'quarantine-me' } };
const unpaid: Kind = {
  title: 'a free message',
  dm: free,
  message: { content: 'hello', dmType: 'FREE' },
  left: { balance: PURSE, held: '0.00' },
};

/** More calls than any send makes; a walk ends at the first place that is no longer reached. */
const CALLS_MAX = 60;
const key = 'the same key';

describe('An interrupted send (G43)', function () {
  let s: Fixtures;
  before(async () => {
    s = await openFixtures();
  });
  after(() => s.close());

  /** The 60 s after which a live process's clock undoes an unfinished send. */
  async function cleanUp(): Promise<void> {
    await s.advance(60 * SECOND);
    await s.tick();
    await s.catchUp();
  }

  /** Visits one place after the other until a send completes before it reaches the place. */
  async function everyPlace(atLeast: number, visit: (place: CallPoint) => Promise<boolean>): Promise<void> {
    for (let call = 1; call <= CALLS_MAX; call += 1)
      for (const side of ['before', 'after'] as const)
        if (!(await visit({ call, side }))) {
          expect(call, 'calls of one send').to.be.greaterThan(atLeast);
          return;
        }
    expect.fail('the walk did not end');
  }

  async function isThere({ left }: Kind, fan: Person, creator: Creator, place: CallPoint): Promise<void> {
    const at = JSON.stringify(place);
    const [admission, ...others] = (await s.conversation(fan, creator)).open;
    expect(others, at).to.deep.equal([]);
    const [sent, ...after] = await s.types(`message-${admission?.messageId}`);
    expect([sent, after.length], at).to.deep.equal(['MessageSent', 1]);
    expect(await s.purse(fan), at).to.deep.equal(left);
  }

  async function isNowhere(fan: Person, creator: Creator, place: CallPoint): Promise<void> {
    const at = JSON.stringify(place);
    expect((await s.conversation(fan, creator)).open, at).to.deep.equal([]);
    expect(await s.purse(fan), at).to.deep.equal({ balance: PURSE, held: '0.00' });
  }

  for (const kind of [paid, flagged, unpaid])
    describe(`of ${kind.title}`, () => {
      let creator: Creator;
      before(async () => {
        creator = await s.creator(kind.dm);
      });

      /** The fan whose send belonged to a process that died at this place; null when the send completed first. */
      async function crashed(place: CallPoint): Promise<Person | null> {
        const fan = await s.fan(PURSE);
        const { ports, crashed } = crashingAt(s.service, place);
        const sending = anotherProcess(s, ports).send(fan, creator, { ...kind.message, key });
        await sending.catch(() => undefined); // Nobody hears what a dead process would have answered.
        return crashed() ? fan : null;
      }

      it('is finished by a retry, wherever the process died', () =>
        everyPlace(3, async (place) => {
          const fan = await crashed(place);
          if (!fan) return false;
          await anotherProcess(s).send(fan, creator, { ...kind.message, key });
          await isThere(kind, fan, creator, place);
          return true;
        }));

      it('is undone after 60 s, wherever the process died', () =>
        everyPlace(3, async (place) => {
          const fan = await crashed(place);
          if (!fan) return false;
          await cleanUp();
          if ((await s.conversation(fan, creator)).open.length === 0) {
            await isNowhere(fan, creator, place);
            // It counts neither as a duplicate nor as pending nor as a free message of the day (G40, 9.11).
            await s.send(fan, creator, kind.message);
          }
          await isThere(kind, fan, creator, place);
          return true;
        }));
    });

  for (const kind of [paid, unpaid])
    it(`of ${kind.title}, paused past the 60 s, neither spends money that is not there nor loses its hold`, async () => {
      const creator = await s.creator(kind.dm);
      await everyPlace(10, async (place) => {
        const fan = await s.fan(PURSE);
        const { ports, paused, resume } = pausingAt(s.service, place);
        const outcome = refusalOf(anotherProcess(s, ports).send(fan, creator, { ...kind.message, key }));
        const reached = await Promise.race([paused.then(() => true), outcome.then(() => false)]);
        if (!reached) return false;
        const [admission] = (await s.conversation(fan, creator)).open;
        const undone = admission !== undefined && (await s.message(admission.messageId)).status === 'NONE';
        await cleanUp();
        resume();
        expect(await outcome, JSON.stringify(place)).to.equal(undone ? 'message.send.error.interrupted' : undefined);
        await (undone ? isNowhere(fan, creator, place) : isThere(kind, fan, creator, place));
        if (!undone) return true;
        await s.send(fan, creator, { ...kind.message, key }); // Another run, with ids of its own: the first one is closed for ever.
        await isThere(kind, fan, creator, place);
        return true;
      });
    });

  for (const took of ['conversation-', 'fanWallet-'])
    it(`that resumes from its ${took.slice(0, -1)} in the middle of its undo either completes or leaves nothing`, async () => {
      const creator = await s.creator(paid.dm);
      await everyPlace(5, async (place) => {
        const fan = await s.fan(PURSE);
        const [paused, pause] = gate();
        const [resumed, resume] = gate();
        const { events } = s.service;
        const append: typeof events.append = async (stream, ...rest) => {
          const result = await events.append(stream, ...rest);
          if (stream.startsWith(took)) {
            pause();
            await resumed;
          }
          return result;
        };
        const outcome = refusalOf(anotherProcess(s, { events: { ...events, append } }).send(fan, creator));
        await paused;
        const messageId = await s.pending(fan, creator);
        await s.advance(60 * SECOND);
        const undo = pausingAt(s.service, place);
        const undoing = createClockRunner(undoUnfinishedSends)(anotherProcess(s, undo.ports).service, s.now());
        const reached = await Promise.race([undo.paused.then(() => true), undoing.then(() => false)]);
        resume();
        const refused = await outcome;
        undo.resume();
        await undoing;
        await s.catchUp();
        if (refused) {
          expect(refused).to.equal('message.send.error.interrupted');
          await isNowhere(fan, creator, place);
        } else await isThere(paid, fan, creator, place);
        expect(await s.types(`message-${messageId}`), JSON.stringify(place)).to.have.length(refused ? 1 : 2);
        return reached;
      });
    });

  it('leaves nothing behind when refused at the wallet, wherever the process died on the way back', async () => {
    const [creator, rival] = [await s.creator(perMessage(PURSE)), await s.creator(perMessage(PURSE))];
    await everyPlace(4, async (place) => {
      const fan = await s.fan(PURSE);
      const { ports, crashed } = crashingAt(s.service, place);
      const { append } = ports.events;
      /** As soon as the message is admitted, the wallet pays for another. */
      const spending: typeof append = async (stream, expected, events) => {
        const result = await append(stream, expected, events);
        if (stream.startsWith('conversation-') && expected === 'no_stream') await s.send(fan, rival);
        return result;
      };
      const events = { ...s.service.events, ...ports.events, readStream: ports.events.readStream, append: spending };
      const sending = anotherProcess(s, { ...ports, events }).send(fan, creator);
      await sending.catch(() => undefined);
      await cleanUp();
      const spent = (await s.conversation(fan, rival)).open.length > 0;
      const left = spent ? { balance: '0.00', held: PURSE } : { balance: PURSE, held: '0.00' };
      expect(await s.purse(fan), JSON.stringify(place)).to.deep.equal(left);
      expect((await s.conversation(fan, creator)).open, JSON.stringify(place)).to.deep.equal([]);
      return crashed();
    });
  });

  it('holds the price of its first try, even if the creator changed it before the retry', async () => {
    const [fan, creator] = [await s.fan('20.00'), await s.creator(perMessage('5.00'))];
    // The third change is the append of the message: the hold is there.
    const { ports } = crashingAt(s.service, { call: 4, side: 'before' });
    const sending = anotherProcess(s, ports).send(fan, creator, { content: 'hello', key });
    await sending.catch(() => undefined);
    expect(await s.purse(fan)).to.deep.equal({ balance: '15.00', held: '5.00' });
    await s.dmConfig(creator, perMessage('9.00'));
    const { messageId } = await s.send(fan, creator, { content: 'hello', key });
    expect((await s.log(`message-${messageId}`))[0]?.data).to.include({ priceSnapshot: '5.00' });
    await s.reply(creator, messageId);
    expect(await s.earned(creator), '5.00 less 20 %').to.equal('4.00');
  });
});
