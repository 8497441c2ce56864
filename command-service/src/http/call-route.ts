/** Calls a route without HTTP: its schemas and handler, none of the guards. For demonstration data and tests. */
import { newId } from '@creator-dashboards/shared/ids';
import type { Actor } from '@creator-dashboards/shared/ports';
import type { Route, RouteResponse } from '@creator-dashboards/shared/http/route';

export interface Call {
  /** Default: nobody, as for a public caller or the provider of a webhook. */
  readonly as?: Actor | null;
  readonly params?: Record<string, string>;
  readonly body?: unknown;
  /** Idempotency-Key. */
  readonly key?: string;
  /** Default: a new one. */
  readonly correlationId?: string;
  readonly isHead?: boolean;
  /** By name in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** `row` is method and declared path: `POST /messages/:id/reply`. Rejects with Refused as the handler does, with ZodError on bad input. */
export async function callRoute(routes: readonly Route[], row: string, call: Call = {}): Promise<RouteResponse> {
  const found = routes.find((route) => `${route.method} ${route.path}` === row);
  if (!found) throw new Error(`no route ${row}`);
  const response = await found.handle({
    actor: call.as ?? { userId: null, role: found.who === 'provider' ? 'PROVIDER' : 'PUBLIC' },
    params: found.params ? found.params.parse(call.params) : {},
    query: {},
    body: found.body ? found.body.parse(call.body) : {},
    method: found.method,
    isHead: call.isHead ?? false,
    template: found.path,
    correlationId: call.correlationId ?? newId(),
    idempotencyKey: call.key ?? null,
    header: (name) => call.headers?.[name],
    ip: '127.0.0.1',
  });
  return { ...response, status: response.status ?? found.status };
}
