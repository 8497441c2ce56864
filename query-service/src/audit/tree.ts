/**
 * What a request led to, as far as it is recorded: its commands, their events, what policies did about these, the documents that show
 * them, and what did not happen (a policy that is behind, a key that is parked). Refusals and repeats that left nothing in the log are
 * not there.
 */
import { CLAIMS, runIdOf, type ClaimFacts } from '@creator-dashboards/shared/claims';
import { Refused } from '@creator-dashboards/shared/errors';
import { knownPolicies, policyFeed, type PolicyRecord } from '@creator-dashboards/shared/feed/policies';
import { concerns } from '@creator-dashboards/shared/fold';
import type { ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { fromInstant } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, feedNameOf, type Alias } from '@creator-dashboards/shared/views/alias';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { z } from 'zod';
import { commandsOf, metadataOf, takers, type Command } from './causes.js';
import { keyIn } from './folding.js';
import { outcomesOf, type Asked, type Outcome } from './outcomes.js';
import { named, searchAll, type Searched } from './search.js';
import { ifReadable } from './show.js';

/** More events, or more nodes, of one request are left out, and the answer says so. */
export const EVENTS_MAX = 1_000;
export const NODES_MAX = 5_000;
/** So many runs of one Idempotency-Key are shown. */
const RUNS_MAX = 20;

const nodeSchema = z.strictObject({
  kind: z.enum(['command', 'event', 'document', 'policy']),
  id: z.string().describe('of a document <view>/<key>@<position>, of a policy <name>@<position>'),
  parentId: z
    .string()
    .nullable()
    .describe(
      'what it follows from: of a command the event that a policy took up or the command that it is a step or a repeat of, of an event its command, of a document and a policy the event',
    ),
  type: z.string().nullable(),
  stream: z.string().nullable(),
  position: z.string().nullable(),
  occurredAt: z.string().nullable(),
  afterMs: z.number().nullable().describe('milliseconds since the first event of the request occurred'),
  actor: z.string().nullable(),
  policy: z.string().nullable().describe('of a command the policy that issued it, where one did'),
  view: z.string().nullable(),
  key: z.string().nullable(),
  state: z
    .enum([
      ...(['done', 'refused', 'answered', 'unanswered'] as const),
      ...(['nothing', 'parked', 'discarded', 'behind', 'not_started'] as const),
    ])
    .describe('nothing: of a policy that has passed the event, and appended nothing because of it'),
  detail: z.string().nullable().describe('why, in words'),
});
type Node = z.output<typeof nodeSchema>;

export const treeSchema = z.strictObject({
  correlationId: z.string(),
  nodes: z.array(nodeSchema),
  truncated: z.boolean().describe('whether there is more than is shown'),
});
export type Tree = z.output<typeof treeSchema>;

const EMPTY = {
  ...{ type: null, stream: null, position: null, occurredAt: null, afterMs: null, actor: null },
  ...{ policy: null, view: null, key: null, state: 'done', detail: null },
} as const satisfies Omit<Node, 'kind' | 'id' | 'parentId'>;

export interface TreePorts extends Searched {
  readonly views: ViewRegistry;
  readonly reads: Pick<ReadStore, 'find' | 'getMany'>;
}

/** In the order of the log, each node after the one it follows from. Throws Refused: `admin.events.not_found`, `…catching_up`. */
export async function treeOf(ports: TreePorts, correlationId: string): Promise<Tree> {
  const { events, isCut } = await eventsOf(ports, correlationId);
  const policies = await knownPolicies(ports.reads);
  const commands = commandsOf(events, policies);
  const start = events.map((event) => metadataOf(event).occurredAt).find((at) => at !== undefined);
  const after = (at: string | undefined) =>
    at === undefined || start === undefined ? null : fromInstant(at) - fromInstant(start);
  const later = await laterOf(ports, events, policies, commands);
  const repeats = await repeatsOf(ports, commands);

  const nodes: Node[] = [];
  const shown = new Set<string>();
  function showCommand(id: string): void {
    const command = commands.get(id);
    if (!command || shown.has(id)) return;
    shown.add(id);
    if (command.parentId !== null) showCommand(command.parentId);
    const { occurredAt } = command.metadata;
    nodes.push({ ...commandNode(command), ...(command.appended && { afterMs: after(occurredAt) }) });
    nodes.push(...(repeats.get(id) ?? []));
  }
  for (const event of events) {
    const { commandId, occurredAt } = metadataOf(event);
    if (commandId !== undefined) showCommand(commandId);
    nodes.push({ ...eventNode(event), afterMs: after(occurredAt) }, ...(later.get(event.id) ?? []));
  }
  return { correlationId, nodes: nodes.slice(0, NODES_MAX), truncated: isCut || nodes.length > NODES_MAX };
}

async function eventsOf(searched: Searched, correlationId: string) {
  const events: RecordedEvent[] = [];
  for await (const event of searchAll(searched, named([['correlationId', correlationId]]))) {
    if (events.length === EVENTS_MAX) return { events, isCut: true };
    events.push(event);
  }
  if (events.length === 0) throw new Refused('admin.events.not_found');
  return { events, isCut: false };
}

function commandNode({ id, parentId, policy, metadata, appended, refusal, about }: Command): Node {
  const { actor, occurredAt } = metadata;
  const why = about === null ? null : `because of ${about}`;
  return {
    ...{ ...EMPTY, kind: 'command', id, parentId, policy },
    ...{ occurredAt: appended ? (occurredAt ?? null) : null, actor: actor?.userId ?? actor?.role ?? null },
    ...(refusal === null ? { detail: why } : { state: 'refused', detail: refusal }),
  };
}

function eventNode(event: RecordedEvent): Node {
  const { commandId, occurredAt } = metadataOf(event);
  const { id: eventId, type, stream, position } = event;
  return {
    ...{ ...EMPTY, kind: 'event', id: eventId, parentId: commandId ?? null, type, stream },
    ...{ position: position.toString(), occurredAt: occurredAt ?? null },
  };
}

/** What each event is shown in, and the policies that were given it and appended nothing: by event id. */
async function laterOf(
  ports: TreePorts,
  events: readonly RecordedEvent[],
  policies: readonly PolicyRecord[],
  commands: ReadonlyMap<string, Command>,
): Promise<ReadonlyMap<string, readonly Node[]>> {
  const aliases = await ports.reads.getMany<Alias>(ALIASES, Object.keys(ports.views));
  const acted = new Set([...commands.values()].map(({ parentId, policy }) => `${policy}@${parentId}`));
  const open: (Asked & { readonly node: Node })[] = [];
  for (const event of events) {
    if (ifReadable(() => event.metadata) === null) continue;
    for (const view of Object.values(ports.views)) open.push(...documentOf(view, aliases.get(view.name), event));
    for (const policy of takers(policies, event))
      if (!acted.has(`${policy._id}@${event.id}`)) open.push(idleOf(policy, event));
  }
  const outcomes = await outcomesOf(ports, open);
  const later = new Map<string, Node[]>();
  for (const [place, { event, node }] of open.entries()) {
    const nodes = later.get(event.id) ?? [];
    nodes.push({ ...node, ...stateOf(node, outcomes[place] as Outcome) });
    later.set(event.id, nodes);
  }
  return later;
}

function stateOf({ kind }: Node, { state, detail }: Outcome): Pick<Node, 'state' | 'detail'> {
  if (kind !== 'policy' || state !== 'done') return { state, detail };
  return { state: 'nothing', detail: 'nothing was to be done, or what it asked for was refused' };
}

/** The document of a view that shows an event, if there is one. */
function documentOf(view: ViewRegistry[string], alias: Alias | undefined, event: RecordedEvent) {
  const key = concerns(view, event) ? keyIn(view, event) : undefined;
  if (key === undefined) return [];
  const position = event.position.toString();
  const id = `${view.name}/${key}@${position}`;
  const node: Node = { ...EMPTY, kind: 'document', id, parentId: event.id, position, view: view.name, key };
  const generation = alias?.generation ?? '';
  const consumer = alias ? feedNameOf(view.name, generation) : null;
  return [{ consumer, collection: collectionOf(view.name, generation), keys: [key], event, node }];
}

/** A policy that appended nothing about an event that it is given. Its keys are ids, or streams: only it knows which of them. */
function idleOf({ _id: policy }: PolicyRecord, event: RecordedEvent) {
  const position = event.position.toString();
  const id = `${policy}@${position}`;
  const node: Node = { ...EMPTY, kind: 'policy', id, parentId: event.id, position, policy };
  const consumer = policyFeed(policy);
  const keys = [event.stream, ...Object.values(metadataOf(event).keys ?? {})];
  return { consumer, collection: `parked.${consumer}`, keys, event, node };
}

/** Of commands that came with an Idempotency-Key, by command id: the runs of it that followed. Keys are kept for 48 hours. */
async function repeatsOf(
  { reads }: TreePorts,
  commands: ReadonlyMap<string, Command>,
): Promise<ReadonlyMap<string, readonly Node[]>> {
  const roots = [...commands.values()].filter(({ parentId }) => parentId === null).map(({ id }) => id);
  const claims = await reads.getMany<ClaimFacts>(CLAIMS, roots);
  const runsOf = ({ _id: first, run: last, state }: ClaimFacts): Node[] =>
    Array.from({ length: Math.min(last, RUNS_MAX) }, (_, place) => {
      const run = Math.max(0, last - RUNS_MAX) + place + 1;
      const isAnswered = run === last && state === 'done';
      return {
        ...({ ...EMPTY, kind: 'command', id: runIdOf(first, run), parentId: first } as const),
        state: run < last ? 'refused' : isAnswered ? 'answered' : 'unanswered',
        detail: `run ${run + 1} of the same Idempotency-Key; its events have this id as their causationId`,
      } as const;
    }).filter(({ id }) => !commands.has(id));
  return new Map([...claims].map(([id, claim]) => [id, runsOf(claim)]));
}
