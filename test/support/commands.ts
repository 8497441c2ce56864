/** Commands as clients and providers send them over HTTP, and the ids the system gives them. */
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import type { EventType } from '@creator-dashboards/shared/events/index';
import { signToken, type TokenRole } from '@creator-dashboards/shared/http/auth';
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import { commandIdOf, derivedId } from '@creator-dashboards/shared/ids';
import { createDigest } from '@creator-dashboards/shared/seal';
import { systemClock, type Clock } from '@creator-dashboards/shared/time';
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
const digest = createDigest(environment.masterKey);

/** The id that the system gives this command, when it runs for the first time. */
export function idOfCommand({ route, as, key, body = {} }: Command): string {
  const [method = '', path = ''] = route.split(' ');
  const { email, sessionId, messageId, payoutId } = body as Readonly<Record<string, string | undefined>>;
  if (as === 'provider')
    return derivedId('webhook', path.split('/').at(-1) ?? '', key, sessionId ?? messageId ?? payoutId ?? '');
  const caller = as === 'anybody' ? email && digest('caller', email) : as.userId;
  return commandIdOf(caller ?? null, method, path, key);
}

/** More runs of one command than any test closes half-way. */
const RUNS = 50;

/** The ids of all its runs: one that was closed half-way is followed by another. */
export function idsOfCommand(command: Command): readonly string[] {
  const first = idOfCommand(command);
  return [first, ...Array.from({ length: RUNS }, (_, run) => derivedId(first, String(run + 1)))];
}

/** Longer than the time that any test lets pass. */
const LIFETIME_SECONDS = 365 * 86_400;

export type Send = ReturnType<typeof createSender>['send'];

/**
 * Sends to `port`, where the time is what `clock` says. Rejects when the connection breaks before the whole answer was
 * there.
 */
export function createSender(port: number, clock: Clock = systemClock) {
  const agent = new Agent({ keepAlive: true });
  const tokens = new Map<string, string>();

  function tokenOf(caller: { userId: string; role: TokenRole }): string {
    const token = tokens.get(caller.userId) ?? signToken(environment, caller, clock, LIFETIME_SECONDS);
    tokens.set(caller.userId, token);
    return token;
  }

  function headersOf({ as, key }: Pick<Command, 'as' | 'key'>, body: string): Record<string, string> {
    if (as === 'provider') return { 'X-Signature': signWebhook(environment.webhookSecret, body, clock) };
    const sender: Record<string, string> = as === 'anybody' ? {} : { Authorization: `Bearer ${tokenOf(as)}` };
    return { ...sender, 'Idempotency-Key': key };
  }

  function send({ route, params = {}, as, key, body }: Omit<Command, 'leaves'>): Promise<Answer> {
    const [method, template = ''] = route.split(' ');
    const path = template.replace(/:(\w+)/g, (_, name: string) => params[name] ?? '');
    const text = body === undefined ? '' : JSON.stringify(as === 'provider' ? { id: key, ...body } : body);
    const headers = { ...headersOf({ as, key }, text), ...(text && { 'Content-Type': 'application/json' }) };
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
