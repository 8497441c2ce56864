/** projector policy-start <policy> --at <position|head>: says from where on a policy acts whose checkpoint is missing (domain 9.3). */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { Misuse, withStores, type Io } from './command.js';

/**
 * Inserts the checkpoint of a policy that has none: events up to `at` are never acted on, later ones are. False when it has
 * one. Throws Misuse for a position where no event is; 0 is before the first.
 */
export async function startPolicyAt(
  { events, reads }: { events: Pick<EventStore, 'readAt'>; reads: ReadStore },
  policy: string,
  at: Position,
): Promise<boolean> {
  const event = await events.readAt(at);
  if (!event && at !== 0n) throw new Misuse(`no event is at position ${at}`);
  const document: Checkpoint = {
    _id: `policy.${policy}`,
    position: at,
    eventId: event?.id ?? null,
    token: 0,
    owner: '',
    beat: 0,
  };
  await reads.declare(CHECKPOINTS, []);
  return (await reads.write(CHECKPOINTS, [{ document, expected: null }])).has(document._id);
}

export async function policyStart(io: Io, policy: string, options: { json?: boolean; at: string }): Promise<boolean> {
  if (options.at !== 'head' && !/^\d{1,19}$/.test(options.at)) throw new Misuse('--at takes a position, or "head"');
  return withStores(io, options, async ({ stores, output }) => {
    const at = options.at === 'head' ? await stores.events.head() : BigInt(options.at);
    const started = await startPolicyAt(stores, policy, at);
    const text = started
      ? `policy ${policy} acts on what comes after ${at}`
      : `policy ${policy} has a checkpoint already`;
    output.result({ policy, position: at, started }, text);
    return started;
  });
}
