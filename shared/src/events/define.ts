import { z } from 'zod';
import type { JsonObject } from '../ports.js';

/** The current form of an event type, and how its older stored forms become that. */
export interface EventDefinition<S extends z.ZodObject = z.ZodObject> {
  readonly schema: S;
  /** Version written into new events' metadata. */
  readonly version: number;
  /** upcasters[n - 1] turns data of version n into version n + 1. */
  readonly upcasters: readonly ((old: JsonObject) => JsonObject)[];
}

export type EventFamily = Readonly<Record<string, EventDefinition>>;

/** The union of a family's events as `{ type, data }`. */
export type EventOf<F extends EventFamily> = {
  [T in keyof F & string]: { readonly type: T; readonly data: Readonly<z.infer<F[T]['schema']>> };
}[keyof F & string];

/** An event type in its current form; its version is the number of its upcasters plus one. */
export function event<S extends z.ZodRawShape>(
  shape: S,
  upcasters: readonly ((old: JsonObject) => JsonObject)[] = [],
): EventDefinition<z.ZodObject<S>> {
  return { schema: z.strictObject(shape), version: upcasters.length + 1, upcasters };
}

export const id = z.guid();
export const fanId = id.brand<'FanId'>();
export const creatorUserId = id.brand<'CreatorUserId'>();
export const creatorId = id.brand<'CreatorId'>();
export const messageId = id.brand<'MessageId'>();
/** A decimal string with two decimals, in major units. */
export const amount = z.string().regex(/^-?\d{1,13}\.\d{2}$/);
export const instant = z.iso.datetime({ precision: 3 });
/** An HMAC of a private value (domain 9.1): names a reservation stream, or shows that two values are equal, without revealing them. */
export const digest = z.string().regex(/^[0-9a-f]{40}$/);
export const count = z.number().int().nonnegative();

export const level = z.enum(['BRONZE', 'SILVER', 'GOLD', 'PLATINUM']);
export const dmType = z.enum(['FREE', 'SINGLE_PAY', 'PER_MESSAGE']);
export const creatorStatus = z.enum(['ACTIVE', 'VACATION', 'SUSPENDED', 'BANNED', 'DEACTIVATED']);
export const payoutMethod = z.enum(['STRIPE_CONNECT', 'BANK_TRANSFER']);
export const triggerType = z.enum(['REGISTRATION', 'FIRST_PAYMENT', 'RECURRING_PAYMENT']);
export type Level = z.infer<typeof level>;
export type DmType = z.infer<typeof dmType>;
export type CreatorStatus = z.infer<typeof creatorStatus>;
export type PayoutMethod = z.infer<typeof payoutMethod>;
export type TriggerType = z.infer<typeof triggerType>;

/**
 * Closes a command over several streams that stopped half-way (domain 9.2), in the stream that would have decided it. It can
 * never finish after this, so what it reserved elsewhere can be released. $causationId is the closed command.
 */
export const commandAbandoned = event({ commandId: id, userId: id, code: z.string() });
