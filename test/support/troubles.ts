/** What happens to servers and to the connections to them, at random, one fault after the other. */
import { draw, pick, type Random } from './random.js';
import type { Fakes } from './running.js';

/** A transient error of a MongoDB that shuts down, has just stepped down, or ran out of time. */
const PASSING = [91, 10_107, 11_600, 50] as const;

export function createTroubles({ events, documents, keys }: Fakes, random: Random) {
  const some = (most: number) => 1 + Math.floor(random() * most);
  const when = () => (random() < 0.5 ? 'before' : 'after');
  const mongo = () => (random() < 0.8 ? documents : keys);
  const command = () => pick(random, ['update', 'find']) ?? 'find';
  const moment = (mostMs: number) => new Promise<void>((resolve) => setTimeout(resolve, random() * mostMs));
  const late = async (hold: { release(): void }) => {
    await moment(60);
    hold.release();
  };

  /**
   * Resolves when it has happened: nothing may wait for the end of all faults. The keys are read too seldom for that.
   */
  async function next(happens: (command: string) => void): Promise<void> {
    const name = command();
    const before = documents.commands.length;
    happens(name);
    while (!documents.commands.slice(before).some((asked) => asked.name === name)) await moment(2);
  }

  const troubles: readonly (() => unknown)[] = [
    () => events.misbehave.breakNextAppend(`${when()}-write`),
    () => events.misbehave.breakNextAppend(`${when()}-write`),
    () => late(events.misbehave.holdAppends(`${when()}-write`)),
    () => late(events.misbehave.holdReads()),
    () => events.misbehave.refuseAsFollower(some(6)),
    () => events.misbehave.muteSubscriptions(random() < 0.7 ? 'open' : 'next'),
    () => events.misbehave.dropSubscriptions(random() < 0.5 ? 'too-slow' : 'stopping'),
    () => events.misbehave.deliverTwice(some(20)),
    async () => {
      events.misbehave.starting(true);
      await moment(100);
      events.misbehave.starting(false);
    },
    async () => {
      events.misbehave.freeze();
      await moment(200);
      events.misbehave.thaw();
    },
    async () => {
      await events.stop();
      await moment(500);
      await events.start();
    },
    () => next((name) => documents.misbehave.breakNext('before', name)),
    () => next((name) => documents.misbehave.breakNext('after', name)),
    () => next((name) => documents.misbehave.failNext(name, pick(random, PASSING) ?? 91, 'a trouble')),
    () => late(mongo().misbehave.hold(command(), when())),
    async () => {
      const server = mongo();
      server.misbehave.freeze();
      await moment(200);
      server.misbehave.thaw();
    },
    async () => {
      const server = mongo();
      await server.stop();
      await moment(300);
      await server.start();
    },
  ];

  let deck: (() => unknown)[] = [];
  return {
    /** How many different ones there are; as many in a row are one of each. */
    kinds: troubles.length,
    /** Resolves when it is over, or will come with the next call that it concerns. */
    async make(): Promise<void> {
      if (deck.length === 0) deck = [...troubles];
      await draw(random, deck)?.();
    },
    /** No more faults; connections that were to be broken may still be. */
    heal: () => events.misbehave.refuseAsFollower(0),
  };
}
