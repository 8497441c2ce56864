/** Says in the log who saw what of a person's past: before the answer where personal data is revealed, else counted by the minute. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { accessorOf } from '@creator-dashboards/shared/access/record';
import { id } from '@creator-dashboards/shared/events/define';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';

interface Asked {
  readonly view: string;
  readonly key: string;
}

type Revealing = { readonly reveal: boolean; readonly reason?: string | undefined };

/** To be awaited before the answer. Throws where it cannot be recorded: then nothing may be answered. */
export async function recordSeen(
  access: Pick<AccessLog, 'revealed' | 'historyRead'>,
  request: RouteRequest<Asked, Revealing>,
  document: FoldedDocument | null,
): Promise<void> {
  const { reveal, reason, ...filters } = request.query;
  const means = `${request.method} ${request.template}`;
  const person = personOf(request.params, document);
  if (reveal)
    await access.revealed(accessorOf(request, reason ?? null), means, person, { ...request.params, ...filters });
  else if (person !== null) access.historyRead(accessorOf(request), means, person);
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
