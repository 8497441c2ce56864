/** Logs in memory, indexed and signed, their bundles, and the verifier as it is shipped. */
import { EMPTY_INDEX, type AuditIndex, type SignedHead } from '@creator-dashboards/shared/audit-index';
import { EMPTY_TREE, leafOf, rootOf, withLeaf } from '@creator-dashboards/shared/merkle';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { bundleOf, type Bundled, type Part } from '../src/audit/bundle.js';
import { entryOf } from '../src/audit/entry.js';
import { entriesOf } from '../src/audit/indexer.js';
import { headKeys, type HeadKeys } from '../src/audit/signing.js';

export const VERIFIER = fileURLToPath(new URL('../bin/verify-bundle.mjs', import.meta.url));
export const keys = headKeys(['one secret']);

/** Events 0, 1, 2 … at positions 10, 20, 30 …, an hour after each other. */
export function logOf(count: number, name: string): RecordedEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    ...{ id: `${name}-${n}`, type: 'Happened', stream: `thing-${name}`, revision: BigInt(n) },
    ...{ position: BigInt(10 * (n + 1)), data: { n, text: `“${n}”` } },
    metadata: metadata({ occurredAt: `2026-05-01T${String(n % 24).padStart(2, '0')}:00:00.000Z` as never }),
  }));
}

export interface SignedLog {
  readonly events: Bundled['events'];
  readonly index: AuditIndex;
  readonly heads: readonly SignedHead[];
}

/** The log with heads over so many events each. */
export async function signed(
  log: readonly RecordedEvent[],
  sizes: readonly number[],
  by: HeadKeys = keys,
): Promise<SignedLog> {
  const index = memoryAuditIndex();
  const { entries, next } = entriesOf(EMPTY_INDEX, log);
  await index.add(entries, next);
  const heads: SignedHead[] = [];
  for (const size of sizes) {
    const tree = log
      .slice(0, size)
      .reduce((tree, event) => withLeaf(tree, leafOf(entryOf(tree.size, event))).tree, EMPTY_TREE);
    const head = { size, root: rootOf(tree).toString('hex') };
    await index.keepHead(head);
    heads.push(await index.signHead(by.sign(head, `2026-05-02T00:00:${String(size % 60).padStart(2, '0')}.000Z`)));
  }
  const readAll: Bundled['events']['readAll'] = async ({ after, limit }) => {
    const first = Number(after / 10n);
    return log.slice(first, first + limit);
  };
  return { events: { readAll }, index, heads };
}

/** By the newest head. */
export async function bundle({ events, index, heads }: SignedLog, part: Part): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of bundleOf({ events, index, head: heads.at(-1) as SignedHead, part })) chunks.push(chunk);
  return chunks.join('');
}

/** Runs the verifier, in a thread: that is faster than a process. Its exit code, and all that it printed. */
export function verifierSays(...args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(VERIFIER, { argv: [...args], stdout: true, stderr: true, execArgv: [] });
    let said = '';
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (text) => (said += String(text)));
    worker.on('error', reject);
    worker.on('exit', (code) => resolve({ code, said }));
  });
}
