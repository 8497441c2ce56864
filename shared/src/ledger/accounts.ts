/**
 * The accounts that money moves between. A wallet's account is named like its stream; what is under way for one message, payout, load
 * or chargeback has an account of its own, which is empty once that is over.
 */

/** Everybody's money outside: negative by what was paid in, less what was paid out. */
export const PROVIDER = 'provider';
/** What the platform has earned. */
export const COMMISSION = 'commission';
/** What was taken from wallets whose owners are erased, less what was written off (G56). */
export const FORFEITS = 'forfeits';
/** What administrators took from wallets by hand, less what they gave. */
export const ADJUSTMENTS = 'adjustments';

/** Paid for, and not in the fan's wallet yet. */
export const loadOf = (sessionId: string) => `load-${sessionId}`;
/** Held for a message. */
export const escrowOf = (messageId: string) => `escrow-${messageId}`;
/** Released from the escrow, and not credited to the creator yet. */
export const releasedOf = (messageId: string) => `released-${messageId}`;
/** Out of the creator's wallet, and neither paid nor returned yet. */
export const clearingOf = (payoutId: string) => `payout-${payoutId}`;
/** Taken back by a card holder, and not taken from anybody here yet: below zero until then. Of a message or a checkout session. */
export const chargebackOf = (id: string) => `chargeback-${id}`;
