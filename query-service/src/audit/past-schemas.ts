/** What may be asked of the past, and what is answered. */
import { z } from 'zod';
import { position, time } from './events.js';
import { hasReason, revealing, WITHOUT_REASON } from './revealing.js';

export const params = z.strictObject({
  view: z.string().regex(/^[\x21-\x7e]{1,50}$/),
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .transform((text) => (text === 'config' ? text : text.toLowerCase())),
});

export const asOfQuery = z
  .strictObject({
    position: position.optional(),
    at: time.optional(),
    etag: z.string().max(200).optional(),
    ...revealing,
  })
  .refine(hasReason, WITHOUT_REASON)
  .refine(({ position, at, etag }) => [position, at, etag].filter((one) => one !== undefined).length < 2, {
    path: ['position'],
    message: 'only one of position, at and etag may be given',
  })
  .describe('one of position, at and etag at most; a reason, if personal data is to be revealed');
export const diffQuery = z
  .strictObject({ from: position.optional(), to: position.optional(), ...revealing })
  .refine(hasReason, WITHOUT_REASON)
  .describe('a reason, if personal data is to be revealed');

export const explainQuery = z
  .strictObject({ field: z.string().min(1).max(200), position: position.optional(), ...revealing })
  .refine(hasReason, WITHOUT_REASON)
  .describe('a reason, if personal data is to be revealed');

const paths = z.array(z.string());
const parked = z
  .strictObject({ from: z.string(), eventId: z.string(), type: z.string(), error: z.string() })
  .nullable();
export type Parked = z.input<typeof parked>;

export const asOfData = z.strictObject({
  view: z.string(),
  key: z.string(),
  body: z.unknown(),
  refused: z.string().nullable(),
  position: z.string(),
  documentPosition: z.string(),
  configPosition: z.string().nullable(),
  fold: z.strictObject({
    version: z.number(),
    kept: z.boolean(),
    generation: z.string().nullable(),
    sameCode: z.boolean(),
  }),
  erased: z.boolean(),
  erasedFields: paths,
  maskedFields: paths,
  parked,
  eventsRead: z.number(),
  truncated: z.boolean(),
});
export const diffData = z.strictObject({
  view: z.string(),
  key: z.string(),
  from: z.string(),
  to: z.string(),
  fields: z.array(
    z.strictObject({ field: z.string(), from: z.unknown(), to: z.unknown(), masked: z.boolean(), erased: z.boolean() }),
  ),
  eventsRead: z.number(),
  truncated: z.boolean(),
});

/** Of the two values of a step. */
const sides = z.array(z.enum(['before', 'after']));

export const explainData = z.strictObject({
  view: z.string(),
  key: z.string(),
  field: z.string(),
  value: z.unknown(),
  refused: z.string().nullable(),
  formula: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  steps: z.array(
    z.strictObject({
      position: z.string(),
      eventId: z.string(),
      type: z.string(),
      occurredAt: z.string(),
      correlationId: z.string(),
      before: z.unknown(),
      after: z.unknown(),
      masked: sides,
      erased: sides,
    }),
  ),
  stepsLeftOut: z.number(),
  masked: z.boolean(),
  erased: z.boolean(),
  parked,
  position: z.string(),
  eventsRead: z.number(),
  truncated: z.boolean(),
});
