/** The list of policies, which the command service stores at its start: the command line and the audit know them by it (domain 9.3). */
import type { Document, ReadStore } from '../ports.js';

/** What others than the command service know of a policy. */
export interface PolicyFacts {
  readonly name: string;
  /** The types of the events that it takes. */
  readonly on: readonly string[];
  /** True if a refusal of its commands leaves no event, so that it must not see an event twice: without a checkpoint it starts at the head. */
  readonly onlyOnce?: true;
  /** Names, beside its own, that ids of its commands are derived from. */
  readonly steps?: readonly string[];
}

export interface PolicyRecord extends Document {
  readonly onlyOnce: boolean;
  readonly on: readonly string[];
  readonly steps: readonly string[];
}

const POLICIES = 'policies';

/** Name of a policy's checkpoint, and of its feed. */
export const policyFeed = (name: string) => `policy.${name}`;

/** Of two releases that start at once, either may have the last word. */
export async function tellPolicies(reads: ReadStore, policies: readonly PolicyFacts[]): Promise<void> {
  await reads.declare(POLICIES, []);
  const records = policies.map(({ name, on, onlyOnce = false, steps = [] }): PolicyRecord => ({
    _id: name,
    position: 0n,
    on,
    onlyOnce,
    steps,
  }));
  for (const expected of [null, { position: 0n }])
    await reads.write(
      POLICIES,
      records.map((document) => ({ document, expected })),
    );
}

export const knownPolicies = (reads: Pick<ReadStore, 'find'>): Promise<PolicyRecord[]> =>
  reads.find<PolicyRecord>(POLICIES, { limit: 1_000 });
