import { HOUR } from '../time.js';

/**
 * How long a provider is asked how a payout ended (G47): providers forget idempotency keys after a day. What is not known by then waits
 * for the staff.
 */
export const RESULT_ASKED_FOR_MS = 20 * HOUR;
