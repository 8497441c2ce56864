/** The list of policies, which the command service stores at its start, so that the command line knows their names (domain 9.3). */
import type { Document, ReadStore } from '../ports.js';

export interface PolicyRecord extends Document {
  /** True if a refusal of its commands leaves no event, so that it must not see an event twice: without a checkpoint it starts at the head. */
  readonly onlyOnce: boolean;
}

const POLICIES = 'policies';

/** Name of a policy's checkpoint, and of its feed. */
export const policyFeed = (name: string) => `policy.${name}`;

export async function tellPolicies(
  reads: ReadStore,
  policies: readonly { readonly name: string; readonly onlyOnce?: true }[],
): Promise<void> {
  await reads.declare(POLICIES, []);
  const records = policies.map(({ name, onlyOnce = false }) => ({ _id: name, position: 0n, onlyOnce }));
  await reads.write(
    POLICIES,
    records.map((document) => ({ document, expected: null })),
  );
  await reads.write(
    POLICIES,
    records.map((document) => ({ document, expected: { onlyOnce: !document.onlyOnce } })),
  );
}

export const knownPolicies = (reads: ReadStore): Promise<PolicyRecord[]> =>
  reads.find<PolicyRecord>(POLICIES, { limit: 1_000 });
