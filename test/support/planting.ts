/** How canaries are put into requests: a field that is given as a shape has one of that shape. */
import { expect } from 'chai';
import type { Canaries } from './canaries.js';
import type { Creator } from './people.js';
import type { Answer, Caller, TestSystem } from './system.js';

export type Shape = (core: string) => string;

/** A single word. */
export const word: Shape = (core) => core;
/** A field of free text. */
export const text: Shape = (core) => `${core} ä/"&+ ${core}`;
export const page: Shape = (core) => `https://${core}.example/${core}`;
/** Of Malta, whose accounts have letters. */
export const iban: Shape = (core) =>
  withCheckDigits('MT', `MALT01100${core.toUpperCase().padEnd(18, 'X').slice(0, 18)}`);
/** Why an admin does something. */
export const because = { reason: text };

/**
 * Calls a route by its declared name, at this path, with a canary for each shape in the body, and others in all that a caller sends
 * besides; answers its data.
 */
export type Ask = (by: Caller, route: string, path: string, body?: object, status?: number) => Promise<Answer>;

export interface Registered extends Caller {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
}

/** Those who will be erased, and somebody who stays. */
export interface Cast {
  readonly fan: Registered;
  readonly creator: Creator;
  readonly referrer: Registered & { readonly code: string; readonly firstName: string };
  readonly bystander: Creator;
}

/** What people of a story act with. */
export interface Stage {
  readonly system: TestSystem;
  readonly canaries: Canaries;
  readonly ask: Ask;
  /** What a caller sends besides path and body. */
  readonly headers: () => Readonly<Record<string, string>>;
}

export function stageOf(system: TestSystem, canaries: Canaries): Stage {
  const address = canaries.add('the address of a caller', '203.0.113.177');
  const headers = () => ({
    'User-Agent': canaries.text('the user agent', word),
    'Idempotency-Key': canaries.text('the Idempotency-Key', word),
    'X-Correlation-Id': canaries.text('the correlation id', word),
    'X-Forwarded-For': address,
    Referer: canaries.text('the page before', page),
  });

  const ask: Ask = async (by, route, path, body, status) => {
    const [method = ''] = route.split(' ');
    const filled =
      body &&
      (planted(body, (field, shape) =>
        canaries.text(`${route} ${field.split('.').slice(0, 2).join('.')}`, shape),
      ) as object);
    const verb = method.toLowerCase() as 'post' | 'patch' | 'put';
    const stray = route.includes('/webhooks/') ? '' : `?utm=${canaries.text('a query', word)}`;
    const answer = await (method === 'GET'
      ? by.get(path, headers())
      : method === 'DELETE'
        ? by.delete(path + stray, headers())
        : by[verb](path + stray, filled, headers()));
    const said = `${route}: ${answer.status} ${JSON.stringify(answer.body)}`;
    if (status === undefined) expect(answer.status, said).to.be.oneOf([200, 201]);
    else expect(answer.status, said).to.equal(status);
    return (answer.body as { data: Answer }).data;
  };
  return { system, canaries, ask, headers };
}

/** The body with a canary for each shape in it. */
function planted(value: unknown, plant: (field: string, shape: Shape) => string, field = 'body'): unknown {
  if (typeof value === 'function') return plant(field, value as Shape);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, planted(one, plant, `${field}.${name}`)]),
  );
}

function withCheckDigits(country: string, account: string): string {
  const digits = [...`${account}${country}00`].map((character) => parseInt(character, 36)).join('');
  return `${country}${String(98n - (BigInt(digits) % 97n)).padStart(2, '0')}${account}`;
}
