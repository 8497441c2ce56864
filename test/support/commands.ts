/** Commands as clients and providers send them over HTTP, and the ids the system gives them. */
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import type { EventType } from '@creator-dashboards/shared/events/index';
import { signToken, type TokenRole } from '@creator-dashboards/shared/http/auth';
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import { canonical } from '@creator-dashboards/shared/canonical';
import { commandIdOf, derivedId } from '@creator-dashboards/shared/ids';
import type { Digest } from '@creator-dashboards/shared/seal';
import { SECOND, systemClock, type Clock } from '@creator-dashboards/shared/time';
import { Agent, request } from 'node:http';

export type Data = Readonly<Record<string, unknown>>;
type Caller = { readonly userId: string; readonly role: TokenRole } | 'provider' | 'anybody';

/** One command. A provider has no Idempotency-Key: the id in its body is the key. */
export interface Command {
  /** Method and declared path. */
  readonly route: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly as: Caller;
  readonly key: string;
  readonly body?: object;
  /** When it succeeds, exactly one event of these types is its own. */
  readonly leaves: readonly EventType[];
  /** It changes nothing, and writes no event, if one of this type was already written for this payout. */
  readonly mayHaveLeft?: { readonly type: EventType; readonly payoutId: string };
}

export type Answer = { readonly status: number; readonly data: Data; readonly refused: string | null };

const environment = readEnvironment({});
/** More than any test closes half-way. */
const RUNS = 50;

/**
 * The ids that the system gives this command: one for each run, since one that was closed half-way is followed by another. None for
 * anybody: that id follows from the address given, too. `digest` is the system's own.
 */
export function idsOfCommand({ route, as, key, body = {} }: Command, digest: Digest): readonly string[] {
  const [method = '', path = ''] = route.split(' ');
  const { sessionId, messageId, payoutId } = body as Readonly<Record<string, string | undefined>>;
  if (as === 'anybody') return [];
  if (as === 'provider')
    return [
      derivedId(
        ...['webhook', path.split('/').at(-1) ?? ''],
        digest('webhook', canonical([key, sessionId ?? messageId ?? payoutId ?? ''])),
      ),
    ];
  const first = commandIdOf(as.userId, method, path, digest('idempotencyKey', key));
  return [first, ...Array.from({ length: RUNS }, (_, run) => derivedId(first, String(run + 1)))];
}

/** No token is accepted that lives longer. */
const LIFETIME_SECONDS = 86_400;

export type Send = ReturnType<typeof createSender>['send'];

/**
 * Sends to `port`, where the time is what `clock` says. Rejects when the connection breaks before the whole answer was
 * there.
 */
export function createSender(port: number, clock: Clock = systemClock) {
  const agent = new Agent({ keepAlive: true });
  const tokens = new Map<string, { readonly token: string; readonly until: number }>();

  function tokenOf(caller: { userId: string; role: TokenRole }): string {
    const known = tokens.get(caller.userId);
    if (known && clock.now() < known.until) return known.token;
    const token = signToken(environment, caller, clock, LIFETIME_SECONDS);
    tokens.set(caller.userId, { token, until: clock.now() + (LIFETIME_SECONDS - 1) * SECOND });
    return token;
  }

  function headersOf({ as, key }: Pick<Command, 'as' | 'key'>, path: string, body: string): Record<string, string> {
    if (as === 'provider') return { 'X-Signature': signWebhook(environment.webhookSecrets, path, body, clock) };
    const sender: Record<string, string> = as === 'anybody' ? {} : { Authorization: `Bearer ${tokenOf(as)}` };
    return { ...sender, 'Idempotency-Key': key };
  }

  function send({ route, params = {}, as, key, body }: Omit<Command, 'leaves'>): Promise<Answer> {
    const [method, template = ''] = route.split(' ');
    const path = template.replace(/:(\w+)/g, (_, name: string) => params[name] ?? '');
    const text = body === undefined ? '' : JSON.stringify(as === 'provider' ? { id: key, ...body } : body);
    const headers = { ...headersOf({ as, key }, path, text), ...(text && { 'Content-Type': 'application/json' }) };
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: `/api/v1${path}`, method, agent, headers }, (response) => {
        let received = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (received += chunk))
          .on('error', reject)
          .on('close', () => (response.complete ? undefined : reject(new Error('cut off'))))
          .on('end', () => {
            const { data = {}, error } = JSON.parse(received) as { data?: Data; error?: { i18nKey: string } };
            resolve({ status: response.statusCode ?? 0, data, refused: error?.i18nKey ?? null });
          });
      });
      sent.on('error', reject).end(text);
    });
  }

  return { send, close: () => agent.destroy() };
}
