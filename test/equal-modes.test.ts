/**
 * The same commands on the embedded system and on servers give the same answers, the same history and the same views.
 */
import { expect } from 'chai';
import { embedded, onFakes } from './support/store-modes.js';
import { replayStory } from './support/replay-story.js';

const STORY = { seed: 20_260_429, commands: 80 };

describe('The embedded system and the system on servers', function () {
  it('give the same answers, events and views for the same commands', async () => {
    const here = await replayStory(embedded, STORY);
    const there = await replayStory(onFakes, STORY);
    expect(there.answers).to.deep.equal(here.answers);
    expect(there.events).to.deep.equal(here.events);
    expect(there.views).to.deep.equal(here.views);
    expect(here.events.length).to.be.greaterThan(STORY.commands);
  });
});
