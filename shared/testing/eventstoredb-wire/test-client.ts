/**
 * What tests do with the real client: numbered events, reads as lists of numbers, errors as values, subscriptions step
 * by step.
 */
import {
  jsonEvent,
  type AllStreamSubscription,
  type AppendToStreamOptions,
  type EventStoreDBClient,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { rejection } from '../contract.js';
import type { EventStoreServer } from '../eventstoredb-wire.js';

/** Selects the client's other path for appends; an insecure node ignores them. */
export const WITH_CREDENTIALS: AppendToStreamOptions = { credentials: { username: 'nobody', password: 'nothing' } };

/** A server and clients that are disposed of after the test. */
export interface Setup {
  readonly server: EventStoreServer;
  readonly client: EventStoreDBClient;
  start(options?: { rememberedIds?: number; writeTimeoutMs?: number }): Promise<EventStoreServer>;
  /** `options`: more of the connection string, starting with `&`. */
  connect(options?: string, to?: EventStoreServer): EventStoreDBClient;
}

/** An event with its own id for each number. */
export function event(n: number, type = 'Counted') {
  return jsonEvent({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, type, data: { n } });
}
export const events = (...numbers: number[]) => numbers.map((n) => event(n));
export const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

const numberOf = ({ event }: ResolvedEvent) => (event?.data as { n?: number } | undefined)?.n ?? String(event?.type);

export async function all(read: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> {
  const found: ResolvedEvent[] = [];
  for await (const one of read) found.push(one);
  return found;
}
/** The numbers of events, or the type of one without. */
export const numbersOf = async (read: AsyncIterable<ResolvedEvent>) => (await all(read)).map(numberOf);

/** Where the server recorded an event, in the client's terms. */
export function place(server: EventStoreServer, index: number) {
  const { position } = server.log[index]!;
  return { commit: position, prepare: position };
}

/** The error of a call that must fail, with the fields that errors of this client may have. */
export async function seen(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return (await rejection(promise)) as Record<string, unknown>;
}

/** What a subscription does, in order: numbers of events, 'confirmation', 'caughtUp', 'failed: <type> <code>'. */
export function watch(subscription: AllStreamSubscription) {
  const happened: (string | number)[] = [];
  const waiting = new Set<() => void>();
  const note = (what: string | number) => {
    happened.push(what);
    for (const check of waiting) check();
  };
  subscription.on('confirmation', () => note('confirmation'));
  subscription.on('caughtUp', () => note('caughtUp'));
  subscription.on('data', (one: ResolvedEvent) => note(numberOf(one)));
  subscription.on('error', (error: Error & { type?: string; code?: number }) =>
    note(`failed: ${error.type} ${error.code}`),
  );
  return {
    happened,
    /** Resolves when it has happened. */
    until: (what: string | number) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (happened.includes(what)) resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
