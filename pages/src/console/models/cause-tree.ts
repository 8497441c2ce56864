/** The tree of one request, as rows from top to bottom. */
import type { CauseNode } from './answers.js';
import { grouped } from './grouped.js';

export interface CauseRow {
  readonly node: CauseNode;
  /** 0 for what came from outside. */
  readonly depth: number;
  readonly title: string;
  /** From the request's first event; null where no time is recorded. */
  readonly afterMs: number | null;
  /** Where `afterMs` is between the first and the last, in percent; null without a time. */
  readonly at: number | null;
  /** Nothing came of it (yet): shown grey. */
  readonly isIdle: boolean;
  /** Somebody should look at it. */
  readonly isTrouble: boolean;
}

const IDLE = new Set<CauseNode['state']>(['nothing', 'behind', 'not_started', 'discarded', 'unanswered']);
const TROUBLE = new Set<CauseNode['state']>(['parked', 'behind', 'refused']);

/** A node follows what caused it, in the order that the answer has. */
export function causeRows(nodes: readonly CauseNode[]): readonly CauseRow[] {
  const children = grouped(nodes, ({ parentId }) => parentId);
  const known = new Set(nodes.map(({ id }) => id));
  const last = Math.max(1, ...nodes.map(({ afterMs }) => afterMs ?? 0));
  const rows: CauseRow[] = [];
  const add = (node: CauseNode, depth: number): void => {
    rows.push(rowOf(node, depth, last));
    for (const child of children.get(node.id) ?? []) add(child, depth + 1);
  };
  for (const node of nodes) if (node.parentId === null || !known.has(node.parentId)) add(node, 0);
  return rows;
}

function rowOf(node: CauseNode, depth: number, last: number): CauseRow {
  const { afterMs, state } = node;
  return {
    node,
    depth,
    title: titleOf(node),
    afterMs,
    at: afterMs === null ? null : Math.round((afterMs * 1_000) / last) / 10,
    isIdle: IDLE.has(state),
    isTrouble: TROUBLE.has(state),
  };
}

function titleOf({ kind, type, policy, view, actor }: CauseNode): string {
  if (kind === 'event') return type ?? 'event';
  if (kind === 'document') return view ?? 'document';
  if (kind === 'policy') return policy ?? 'policy';
  if (policy !== null) return policy;
  return actor === null || actor === 'SYSTEM' ? 'step of a command' : 'command';
}
