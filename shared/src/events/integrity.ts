import { z } from 'zod';
import { event, id, type EventOf } from './define.js';

/**
 * Stream integrityHeads-all; no keys. What the log was when it had `size` events, signed: whoever changes the log afterwards cannot
 * sign another one.
 */
export const integrityEvents = {
  IntegrityHeadSigned: event({
    size: z.int().positive(),
    /** Root of the tree over the whole log, in hex. */
    root: z.string().regex(/^[0-9a-f]{64}$/),
    signedAt: z.iso.datetime(),
    /** Of the key that signed: AUDIT_SIGNING_KEY. */
    keyId: z.string().regex(/^[0-9a-f]{16}$/),
    /** Ed25519, in base64. */
    signature: z.base64(),
  }),
};
export type IntegrityEvent = EventOf<typeof integrityEvents>;

/** Stream integrityChecks-all; no keys. */
export const integrityCheckEvents = {
  /** The whole log is compared with its index as soon as no earlier comparison is under way. */
  IntegrityCheckAsked: event({ by: id.nullable() }),
};
export type IntegrityCheckEvent = EventOf<typeof integrityCheckEvents>;
