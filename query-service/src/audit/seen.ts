/** Says in the log who saw what of a person's past: before the answer where personal data is revealed, else counted by the minute. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { id } from '@creator-dashboards/shared/events/define';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';

interface Asked {
  readonly view: string;
  readonly key: string;
}

type Revealing = { readonly reveal: boolean; readonly reason?: string | undefined };

/** A question about a document: by whom, by which route or command, and with what. */
export interface Seeing {
  readonly accessor: Accessor;
  readonly means: string;
  readonly params: Asked;
  readonly query: Revealing;
}

/** To be awaited before the answer. Throws where it cannot be recorded: then nothing may be answered. */
export async function recordSeen(
  access: Pick<AccessLog, 'revealed' | 'historyRead'>,
  { accessor, means, params, query: { reveal, reason, ...filters } }: Seeing,
  document: FoldedDocument | null,
): Promise<void> {
  const person = personOf(params, document);
  if (reveal) await access.revealed({ ...accessor, reason: reason ?? null }, means, person, { ...params, ...filters });
  else if (person !== null) access.historyRead(accessor, means, person);
}

/** Whose document it is, by userId: of a message, its sender's; null for nobody's. */
function personOf({ view, key }: Asked, document: FoldedDocument | null): string | null {
  const named = (document ?? {}) as { readonly userId?: string; readonly fanId?: string };
  const others = new Map([
    ['dmConfig', named.userId],
    ['message', named.fanId],
    ['config', undefined],
  ]);
  const person = others.has(view) ? others.get(view) : key;
  return id.safeParse(person).success ? (person ?? null) : null;
}
