/** audit search, show and tree: the reads of the log that admins have over HTTP. Each is counted in the log, as from there. */
import { createAccessLog, type Filters } from '@creator-dashboards/shared/access/access-log';
import { Misuse, operatorOf, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { table, toJson } from '@creator-dashboards/shared/command-line/output';
import { idText } from '@creator-dashboards/shared/http/fields';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import { eventWith, treeOf } from '../correlation.js';
import { pageOf, querySchema } from '../events.js';
import type { ShownEvent } from '../show.js';
import { withAudit, type AuditIo, type OpenedAudit } from './opened.js';

export interface SearchOptions extends WhoOptions {
  readonly json?: boolean;
}

/** Lists a page of events; `filters` as the route takes them. */
export function searchLog(io: AuditIo, filters: Record<string, string>, options: SearchOptions): Promise<boolean> {
  const query = querySchema.safeParse(filters);
  if (!query.success)
    throw new Misuse(
      query.error.issues.map(({ path, message }) => `--${dashed(path.join('.'))}: ${message}`).join('; '),
    );
  const { cursor: _cursor, limit: _limit, ...recorded } = query.data;
  return counted(io, options, 'audit search', recorded, async ({ stores, output }) => {
    const { items, next } = await pageOf({ events: stores.events, index: stores.audit }, query.data);
    output.result({ items, next }, [listOf(items), ...(next === null ? [] : [`more: --cursor ${next}`])].join('\n'));
    return true;
  });
}

/** Prints one event. */
export function show(io: AuditIo, eventId: string, options: SearchOptions): Promise<boolean> {
  if (!idText.safeParse(eventId).success) throw new Misuse('an event id is a UUID');
  return counted(io, options, 'audit show', { eventId }, async ({ stores, output }) => {
    const found = await eventWith({ events: stores.events, index: stores.audit }, eventId.toLowerCase());
    output.result(found, toJson(found));
    return true;
  });
}

/** Prints what a request led to, each thing below what it follows from. */
export function tree(io: AuditIo, correlationId: string, options: SearchOptions): Promise<boolean> {
  return counted(io, options, 'audit tree', { correlationId }, async ({ stores, output }) => {
    const found = await treeOf({ events: stores.events, index: stores.audit }, io.views, correlationId.toLowerCase());
    const depths = new Map<string, number>();
    const lines = found.nodes.map((node) => {
      const depth = node.parentId === null ? 0 : (depths.get(node.parentId) ?? -1) + 1;
      depths.set(node.id, depth);
      const what = node.kind === 'event' ? `${node.type} ${node.stream} @${node.position}` : node.id;
      return `${'  '.repeat(depth)}${node.kind} ${what}`;
    });
    output.result(found, [...lines, ...(found.truncated ? ['… and more events'] : [])].join('\n'));
    return true;
  });
}

function listOf(items: readonly ShownEvent[]): string {
  if (items.length === 0) return 'no such event';
  const rows = items.map(({ position, type, stream, revision, id }) => [position, type, `${stream}/${revision}`, id]);
  return table(['POSITION', 'TYPE', 'STREAM/REVISION', 'EVENT'], rows);
}

/** Runs the work on an index that is up to date, when it is recorded that it was asked for. */
function counted(
  io: AuditIo,
  options: SearchOptions,
  means: string,
  filters: Filters,
  work: (opened: OpenedAudit) => Promise<boolean>,
): Promise<boolean> {
  const operator = operatorOf(options);
  return withAudit(io, options, async (opened) => {
    await opened.catchUp();
    const { stores, output } = opened;
    const sealer = createSealer({ ...stores, clock: systemClock });
    const onTrouble = (error: unknown) => output.progress(`not recorded yet: ${String(error)}`);
    const access = createAccessLog({ ...stores, sealer, clock: systemClock, onTrouble });
    await access.searched(operator, means, filters);
    try {
      return await work(opened);
    } finally {
      await access.stop();
    }
  });
}

/** As options are written: creatorId is --creator-id. */
export function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
