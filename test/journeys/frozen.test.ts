/** Going back to a generation whose code is gone: readers get what there was, and are told how old it is. */
import { BUILDS, idOf, type Build } from '@creator-dashboards/projector/builds';
import { generationOf } from '@creator-dashboards/projector/generations';
import { rollBackFrozen, whyNotFrozen } from '@creator-dashboards/projector/rebuild/frozen';
import { planRebuild, planRollback } from '@creator-dashboards/projector/rebuild/planner';
import type { Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { runRebuild } from '@creator-dashboards/projector/rebuild/run';
import { HOUR } from '@creator-dashboards/shared/time';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { journey } from '../support/journey.js';
import { creatorWithDms, setDms, type Creator } from '../support/people.js';
import type { TestSystem } from '../support/system.js';

const views = withFingerprints(registry);
const VIEW = views.dmConfig;
const [FIRST, SECOND] = [generationOf(VIEW.version), generationOf(VIEW.version, 2)];

journey('a rollback to a generation that nobody can feed any more', (openSystem) => {
  let system: TestSystem;
  let anna: Creator;
  /** The fingerprint of the code that runs. */
  let ours: string;
  beforeEach(async () => {
    system = await openSystem();
    anna = await creatorWithDms(system, 'anna', 'PER_MESSAGE', 5);
    await system.catchUp();
    await carryOut(await planRebuild(ports(), VIEW));
    ours = await builtBy('other code', FIRST);
    await setPrice(6);
    await system.catchUp();
    expect(await shown()).to.deep.equal({ price: '6.00', generation: SECOND, stale: undefined, age: undefined });
  });
  afterEach(() => system.close());

  const ports = () => ({ ...system.stores, clock: system.clock });

  /** As a projector does it that takes the job. */
  async function carryOut(plan: Rebuild | null): Promise<void> {
    const worker = { ...ports(), views, owner: 'a worker', isDead: () => true };
    await runRebuild(worker, plan?._id ?? '', new AbortController().signal);
    await system.catchUp();
  }

  /** As where the code that runs now has replaced the code that built it; answers by which code it was built before. */
  async function builtBy(fold: string, generation: string): Promise<string> {
    const { reads } = system.stores;
    const build = await reads.get<Build>(BUILDS, idOf(VIEW.name, generation));
    if (!build) throw new Error(`${generation} is not recorded`);
    await reads.write(BUILDS, [{ document: { ...build, fold }, expected: { fold: build.fold } }]);
    return build.fold;
  }

  const setPrice = (dmPrice: number) => setDms(anna, { dmType: 'PER_MESSAGE', dmPrice, dmActive: true });
  async function shown() {
    const { status, body, headers } = await anna.get(`/creators/${anna.creatorId}/dm-config`);
    expect(status).to.equal(200);
    const { 'x-stale': stale, 'x-age': age, etag = '' } = headers as Readonly<Record<string, string>>;
    const generation = /^W\/"(v[\d-]+)\./.exec(etag)?.[1];
    return { price: (body.data as { dmPrice: string }).dmPrice, generation, stale, age };
  }

  it('answers what there was, with X-Stale and its age, until it is rolled back from', async () => {
    expect(await planRollback(ports(), VIEW), 'without --frozen').to.equal(null);
    expect(await whyNotFrozen(ports(), VIEW)).to.equal(null);
    expect(await rollBackFrozen(ports(), VIEW)).to.include({ generation: FIRST, state: 'DONE' });
    expect(await shown()).to.deep.equal({ price: '5.00', generation: FIRST, stale: 'true', age: '0' });

    await setPrice(7);
    await system.pass(HOUR);
    expect(await shown()).to.deep.equal({ price: '5.00', generation: FIRST, stale: 'true', age: '3600' });

    await carryOut(await planRollback(ports(), VIEW));
    expect(await shown()).to.deep.equal({ price: '7.00', generation: SECOND, stale: undefined, age: undefined });
  });

  it('is no longer stale once code that can feed it has come beyond what was served before', async () => {
    await rollBackFrozen(ports(), VIEW);
    await builtBy(ours, FIRST);
    await setPrice(7);
    await system.catchUp();
    expect(await shown()).to.deep.equal({ price: '7.00', generation: FIRST, stale: undefined, age: undefined });
  });
});
