import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import { knownPolicies } from '@creator-dashboards/shared/feed/policies';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { expect } from 'chai';
import { messages } from '../../src/features/messages.js';
import { money } from '../../src/features/money.js';
import { demandCheckpoints } from '../../src/runtime/policy-checkpoints.js';
import { person } from '../money/people.js';
import { createHarness, type Harness } from '../support/harness.js';

const policies = [...messages.policies, ...money.policies];
const names = policies.map(({ name }) => name);

describe('Policies whose checkpoints are lost', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features: [messages, money] });
  });
  afterEach(() => h.close());

  it('may begin on an empty log, and are known to the command line from then on', async () => {
    await demandCheckpoints(h.service, policies);
    expect((await knownPolicies(h.service.reads)).map(({ _id }) => _id)).to.have.members(names);
  });

  it('may go on where each has its checkpoint', async () => {
    await h.catchUp();
    await person(h);
    await demandCheckpoints(h.service, policies);
  });

  it('are all named by one refusal, which says what to do, and are known to the command line', async () => {
    await h.catchUp();
    await person(h);
    await h.service.reads.drop(CHECKPOINTS);
    const { message } = (await rejection(demandCheckpoints(h.service, policies))) as Error;
    expect(message).to.include(names.join(', ')).and.to.include('policy-start --all --since');
    expect(await knownPolicies(h.service.reads)).to.have.length(names.length);
  });
});
