/**
 * A long series of commands on the embedded system and on servers gives the same answers, the same history and the same
 * views. It takes minutes; EQUAL_COMMANDS makes it shorter.
 */
import { expect } from 'chai';
import { embedded, onServers } from '../support/store-modes.js';
import { replayStory } from '../support/replay-story.js';

const commands = Number(process.env.EQUAL_COMMANDS ?? 10_000);
const seed = Number(process.env.EQUAL_SEED ?? 20_260_429);

describe('The embedded system and the system on servers', function () {
  this.timeout(60 * 60_000);

  it(`give the same answers, events and views for the same ${commands} commands`, async () => {
    const progress = (done: number) => done % 1_000 === 0 && console.log(`      ${done} commands`);
    const here = await replayStory(embedded, { seed, commands, progress });
    const there = await replayStory(onServers, { seed, commands, progress });
    expect(there.answers).to.deep.equal(here.answers);
    expect(there.events).to.deep.equal(here.events);
    expect(there.views).to.deep.equal(here.views);
    expect(here.events.length).to.be.greaterThan(commands);
  });
});
