/** audit export: a part of the log with its proofs, for whoever shall check it elsewhere. */
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { Refused } from '@creator-dashboards/shared/errors';
import { LEASE_MS } from '@creator-dashboards/shared/feed/lease';
import type { Position } from '@creator-dashboards/shared/ports';
import { systemClock } from '@creator-dashboards/shared/time';
import { retry } from '@creator-dashboards/shared/waiting';
import { bundleOf, partOf, partQuery } from '../bundle.js';
import { headOver } from '../integrity.js';
import { asking, parsed, type Asked, type AskOptions } from './asking.js';
import type { AuditIo } from './opened.js';

export interface ExportOptions extends Pick<AskOptions, 'by'> {
  readonly from?: string;
  readonly to?: string;
}

/** Prints a bundle: NDJSON, whatever is asked for. It is recorded first, and its head stands in the log. */
export function exportBundle(io: AuditIo, { by, ...range }: ExportOptions): Promise<boolean> {
  const query = parsed(partQuery, range);
  return asking(io, { ...(by !== undefined && { by }) }, async (asked) => {
    const { stores, heads, access, accessor, output } = asked;
    const { events, audit: index } = stores;
    await indexedUpTo(await events.head(), asked);
    const part = await partOf(index, query);
    if (part === null) throw new Misuse('there is no event between --from and --to');
    await access.exported(accessor, 'audit export', query);
    const head = await headOver(part.to, { index, heads }, { publish: true });
    for await (const lines of bundleOf({ events, index, head, part })) io.out.write(lines);
    output.progress(`events ${part.from} to ${part.to - 1}, signed with ${head.size} events at ${head.signedAt}`);
    return true;
  });
}

/** Longer than the lease of a process that was killed elsewhere. */
const PATIENCE = { patienceMs: 2 * LEASE_MS, pauseMs: 100, isTransient: (fault: unknown) => fault instanceof Refused };

/** Services that run index what is appended a moment later; else it is done here. Throws Refused where they are far behind. */
function indexedUpTo(head: Position, { stores, catchUp }: Pick<Asked, 'stores' | 'catchUp'>): Promise<void> {
  return retry(systemClock, PATIENCE, async () => {
    await catchUp();
    const { position } = await stores.audit.state();
    if (position < head) throw new Refused('admin.events.catching_up', { retryAfter: 5 });
  });
}
