/** audit search, show and tree: the reads of the log that admins have over HTTP. Each is counted in the log, as from there. */
import type { Filters } from '@creator-dashboards/shared/access/access-log';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { table, toJson } from '@creator-dashboards/shared/command-line/output';
import { idText } from '@creator-dashboards/shared/http/fields';
import type { EventMetadata } from '@creator-dashboards/shared/ports';
import { eventQuery, eventWith } from '../correlation.js';
import { pageOf, querySchema } from '../events.js';
import { shownTo } from '../revealing.js';
import type { ShownEvent } from '../show.js';
import { treeOf, type Tree } from '../tree.js';
import { asking, parsed, parsedRevealing, type Asked, type AskOptions, type RevealOptions } from './asking.js';
import type { AuditIo } from './opened.js';

/** Lists a page of events; `filters` as the route takes them. */
export function searchLog(io: AuditIo, filters: Record<string, string>, options: AskOptions): Promise<boolean> {
  const query = parsed(querySchema, filters);
  const { cursor: _cursor, limit: _limit, ...recorded } = query;
  return counted(io, options, 'audit search', recorded, async ({ stores, sealer, output }) => {
    const { items, next } = await pageOf({ events: stores.events, index: stores.audit, sealer }, query);
    output.result({ items, next }, [listOf(items), ...(next === null ? [] : [`more: --cursor ${next}`])].join('\n'));
    return true;
  });
}

/** Prints one event. */
export function show(io: AuditIo, id: string, { json, ...options }: RevealOptions): Promise<boolean> {
  const eventId = idText.safeParse(id).data;
  if (eventId === undefined) throw new Misuse('an event id is a UUID');
  const query = parsedRevealing(eventQuery, { ...options });
  const [means, filters] = ['audit show', { eventId }];
  const asks = { ...(json && { json }), ...(options.by !== undefined && { by: options.by }) };
  return counted(io, asks, means, filters, async ({ stores, sealer, access, accessor, output }) => {
    const event = await eventWith({ events: stores.events, index: stores.audit }, eventId);
    const [found] = await shownTo({ sealer, access }, { accessor, means, filters, query }, [event]);
    output.result(found, toJson(found));
    return true;
  });
}

/** Prints what a request led to, each thing below what it follows from. */
export function tree(io: AuditIo, correlationId: string, options: AskOptions): Promise<boolean> {
  return counted(io, options, 'audit tree', { correlationId }, async ({ stores, output }) => {
    const ports = { events: stores.events, index: stores.audit, reads: stores.reads, views: io.views };
    const found = await treeOf(ports, correlationId.toLowerCase());
    const lines = linesOf(found.nodes);
    output.result(found, [...lines, ...(found.truncated ? ['… and more'] : [])].join('\n'));
    return true;
  });
}

/** Each node below the one it follows from, whatever came between them in the log. */
export function linesOf(nodes: Tree['nodes']): string[] {
  const below = new Map<string | null, Tree['nodes']>();
  for (const node of nodes) below.set(node.parentId, [...(below.get(node.parentId) ?? []), node]);
  const lines = (parentId: string | null, depth: number): string[] =>
    (below.get(parentId) ?? []).flatMap((node) => [
      `${'  '.repeat(depth)}${lineOf(node)}`,
      ...lines(node.id, depth + 1),
    ]);
  return lines(null, 0);
}

function lineOf({ kind, id, ...node }: Tree['nodes'][number]): string {
  const what = {
    command: [
      id,
      ...(node.policy === null ? [] : [`of policy ${node.policy}`]),
      `by ${node.actor ?? '-'} at ${node.occurredAt ?? '-'}`,
    ],
    event: [node.type, node.stream, `@${node.position}`],
    document: [id],
    policy: [node.policy],
  }[kind];
  const when = node.afterMs === null || kind !== 'event' ? [] : [`+${node.afterMs} ms`];
  const state = node.state === 'done' ? [] : [node.state.replace('_', ' ')];
  const why = node.detail === null ? [] : [`(${node.detail})`];
  return [kind, ...what, ...when, ...state, ...why].join(' ');
}

function listOf(items: readonly ShownEvent[]): string {
  if (items.length === 0) return 'no such event';
  const rows = items.map(({ position, type, stream, revision, id, metadata }) => {
    const { occurredAt = '-', actor } = (metadata ?? {}) as Partial<EventMetadata>;
    const who = actor ? [actor.role, actor.userId ?? ''].join(' ').trim() : '-';
    return [BigInt(position), occurredAt, type, who, `${stream}/${revision}`, id];
  });
  return table(['POSITION', 'TIME', 'TYPE', 'BY', 'STREAM/REVISION', 'EVENT'], rows);
}

/** Runs the work when it is counted what was asked for. */
function counted(
  io: AuditIo,
  options: AskOptions,
  means: string,
  filters: Filters,
  work: (asked: Asked) => Promise<boolean>,
): Promise<boolean> {
  return asking(io, options, async (asked) => {
    await asked.access.searched(asked.accessor, means, filters);
    return work(asked);
  });
}
