/**
 * What may be sealed (domain 9.8): every kind of value, with the version of its shape. A seal is bound to both, so that it cannot
 * be opened as another kind. They are permanent, like the log: never change or reuse a name. A new shape of a value is its next
 * version, on a line of its own, beside the old one for as long as the log has such values.
 */
import { z } from 'zod';
import type { Sealed } from '../ports.js';

/** `T` is the type of the sealed value. */
export interface SealedKind<T = unknown> {
  readonly name: string;
  readonly version: number;
  /** Type of the content; never present at run time. */
  readonly __content?: T;
}

export interface BankDetails {
  iban: string | null;
  bankName: string | null;
  accountHolderName: string | null;
  swiftCode: string | null;
  bankCountry: string | null;
}

/** Where a payout goes: a Stripe account, or a bank account. */
export type PayoutDestination = { accountId: string } | BankDetails;

/** What a bio page says, sealed as one value. */
export interface BioContent {
  bio: string | null;
  themeOverride: Record<string, unknown> | null;
  customCss: string | null;
}

/** What a link shows, sealed as one value. */
export interface LinkContent {
  title: string;
  url: string;
  icon: string | null;
  platform: string | null;
  embedType: string | null;
  embedMeta: Record<string, unknown> | null;
}

const kind = <T>(name: string, version: number): SealedKind<T> => ({ name, version });

export const kinds = {
  email: kind<string>('email', 1),
  passwordHash: kind<string>('passwordHash', 1),
  displayName: kind<string>('displayName', 1),
  /** What a browser says of itself (User-Agent), so that its owner knows a session again. */
  device: kind<string>('device', 1),
  /** A username or a referral code: they share one namespace, and each may become the other (domain G44). */
  name: kind<string>('name', 1),
  avatarUrl: kind<string>('avatarUrl', 1),
  /** Why somebody did something: an admin, a creator who rejects, a user who leaves. */
  reason: kind<string>('reason', 1),
  /** Who acts on the host, without an account. */
  operator: kind<string>('operator', 1),
  /** The bio given with an upgrade; later ones are part of the page's content. */
  bio: kind<string>('bio', 1),
  bioContent: kind<BioContent>('bioContent', 1),
  linkContent: kind<LinkContent>('linkContent', 1),
  bankDetails: kind<BankDetails>('bankDetails', 1),
  kycProviderId: kind<string>('kycProviderId', 1),
  kycRedirectUrl: kind<string>('kycRedirectUrl', 1),
  stripeAccountId: kind<string>('stripeAccountId', 1),
  stripeOnboardingUrl: kind<string>('stripeOnboardingUrl', 1),
  messageContent: kind<string>('messageContent', 1),
  replyContent: kind<string>('replyContent', 1),
  checkoutUrl: kind<string>('checkoutUrl', 1),
  /** The response to a request with an Idempotency-Key, as JSON (domain G45). */
  answer: kind<string>('answer', 1),
  payoutDestination: kind<PayoutDestination>('payoutDestination', 1),
  /** What a payout provider said about a failed transfer. */
  payoutError: kind<string>('payoutError', 1),
} as const;

const base64 = (bytes: number) => z.base64().length(Math.ceil(bytes / 3) * 4);

const shape = z.strictObject({
  subject: z.string().min(1),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  nonce: base64(12),
  ciphertext: z.base64(),
  tag: base64(16),
});

/** A field of an event whose value is sealed as this kind. */
export function sealed<T>(_kind: SealedKind<T>): z.ZodType<Sealed<T>> {
  return shape; // a seal does not name its kind: the code that opens it says which one it expects
}
