import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { policyFeed, tellPolicies } from '@creator-dashboards/shared/feed/policies';
import type { Policy } from './policy.js';
import type { CommandService } from './service.js';

/**
 * Tells the command line which policies there are, and refuses to begin where any has lost its checkpoint on a log that is not empty:
 * old events would be acted upon again. One message names them all. Throws FeedStopped.
 */
export async function demandCheckpoints(
  { reads, events }: Pick<CommandService, 'reads' | 'events'>,
  policies: readonly Policy[],
): Promise<void> {
  await tellPolicies(reads, policies);
  const found = await reads.getMany(
    CHECKPOINTS,
    policies.map(({ name }) => policyFeed(name)),
  );
  const missing = policies.map(({ name }) => name).filter((name) => !found.has(policyFeed(name)));
  if (missing.length === 0 || (await events.head()) === 0n) return;
  throw new FeedStopped(
    `policies without a checkpoint on a log that is not empty: ${missing.join(', ')}. Say from when on they act: ` +
      'npx --no projector policy-start --all --since <time>',
  );
}
