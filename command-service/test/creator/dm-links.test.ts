/** Manual social links are active only while DMs are off, also when two processes change both at once, or one dies (G59). */
import { Refused } from '@creator-dashboards/shared/errors';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { bioPage, bioPageStream } from '../../src/domain/bio-page.js';
import { creator } from '../../src/domain/creator/creator.js';
import { creators } from '../../src/features/creator.js';
import { processBeside } from '../support/another-process.js';
import type { Harness } from '../support/harness.js';
import { becomeCreator, start, type CreatorPerson } from './flows.js';

type Run = (call: Harness['call'], alice: CreatorPerson) => Promise<unknown>;

const dm =
  (dmActive: boolean): Run =>
  (call, { as, params }) =>
    call('PATCH /creators/:creatorId/dm-config', { as, params, body: { dmType: 'FREE', dmActive } });
const addLink: Run = (call, { as, params }) =>
  call('POST /creators/:creatorId/links', {
    as,
    params,
    body: { title: 'Me', url: 'https://example.org', isSocial: true },
  }).catch((error: unknown) => {
    if (!(error instanceof Refused && error.key === 'creator.links.social_dm_active')) throw error;
  });
const dies: Run = () => Promise.reject(new Error('died'));

describe('Manual social links and the switch of DMs', () => {
  let h: Harness;
  beforeEach(async () => void (h = await start()));
  afterEach(() => h.close());

  /** The log, with `meanwhile` run before its n-th use. */
  function interrupted(turn: number, meanwhile: () => Promise<unknown>): EventStore & { uses(): number } {
    const { events } = h.service;
    let uses = 0;
    const use = async () => {
      uses += 1;
      if (uses === turn) await meanwhile();
    };
    return {
      ...events,
      uses: () => uses,
      async append(...batch) {
        await use();
        return events.append(...batch);
      },
      async readStream(...place) {
        await use();
        return events.readStream(...place);
      },
    };
  }

  async function expectInStep({ stream, bioPageId }: CreatorPerson, when: string): Promise<void> {
    const { dmActive } = (await h.service.commands.load(creator, stream)).state;
    const { links } = (await h.service.commands.load(bioPage, bioPageStream(bioPageId))).state;
    const outOfStep = Object.values(links).filter(({ active }) => active === dmActive);
    expect(outOfStep, when).to.deep.equal([]);
  }

  /** Stops `slow` before each of its uses of the log in turn, while `meanwhile` runs; then the feed sees what they wrote. */
  async function atEveryStop(before: readonly Run[], slow: Run, meanwhile: Run, feedIsFast = false): Promise<void> {
    let turn = 1;
    for (; ; turn += 1) {
      const alice = await becomeCreator(h);
      for (const run of before) await run(h.call, alice);
      const events = interrupted(turn, async () => {
        await meanwhile(h.call, alice);
        if (feedIsFast) await h.catchUp();
      });
      const run = slow(processBeside(h.service, [creators], { events }).call, alice);
      await (meanwhile === dies ? run.catch(() => undefined) : run);
      await h.catchUp();
      if (events.uses() < turn) break; // it ended before
      await expectInStep(alice, `stopped at use ${turn} of the log`);
    }
    expect(turn, 'stops that were tried').to.be.greaterThan(4);
  }

  for (const feedIsFast of [false, true]) {
    const seen = feedIsFast ? 'the feed saw each event at once' : 'the feed saw nothing before both were done';
    it(`agree when a switch off is overtaken by a switch on, and ${seen}`, () =>
      atEveryStop([addLink, dm(true)], dm(false), dm(true), feedIsFast));
    it(`agree when a switch on is overtaken by a switch off, and ${seen}`, () =>
      atEveryStop([addLink], dm(true), dm(false), feedIsFast));
    it(`agree when a link is added while DMs are being switched on, and ${seen}`, () =>
      atEveryStop([], dm(true), addLink, feedIsFast));
    it(`agree when DMs are switched on while a link is being added, and ${seen}`, () =>
      atEveryStop([], addLink, dm(true), feedIsFast));
  }

  it('are not looked at for a new price, which turns no switch', async () => {
    const alice = await becomeCreator(h);
    await dm(true)(h.call, alice);
    const { as, params } = alice;
    const read: string[] = [];
    const events: EventStore = {
      ...h.service.events,
      readStream: (stream, place) => (read.push(stream), h.service.events.readStream(stream, place)),
    };
    const { call } = processBeside(h.service, [creators], { events });
    await call('PATCH /creators/:creatorId/dm-config', {
      as,
      params,
      body: { dmType: 'PER_MESSAGE', dmPrice: 3, dmActive: true },
    });
    expect(read).to.deep.equal([alice.stream]);
  });

  it('agree when the process dies that switches DMs on', () => atEveryStop([addLink], dm(true), dies));
  it('agree when the process dies that switches DMs off', () => atEveryStop([addLink, dm(true)], dm(false), dies));
});
