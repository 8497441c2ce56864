/**
 * The one catalogue of errors a caller can get: i18nKey -> HTTP status and English message. Clients branch on the key or on the
 * code derived from it (codes, G27). Deciders and policies refuse by key; only `http.ts` turns a refusal into a response.
 */

type Entry = readonly [status: number, message: string];

export const catalogue = {
  // guards (order, G25; keys, G28)
  'auth.token.invalid': [401, 'The access token is missing, malformed or expired. Log in again.'],
  'auth.role.forbidden': [403, 'This route requires another role.'],
  'auth.account.unknown': [401, 'The account of this token does not exist or is not active. Log in again.'],
  'common.validation_failed': [400, 'The request is not valid; see details.'],
  'common.rate_limited': [429, 'Too many requests. Try again after the time in Retry-After.'],
  'common.internal_error': [500, 'Something went wrong on our side. Quote the correlation id if it happens again.'],
  'common.not_found': [404, 'There is no such resource.'],
  'common.method_not_allowed': [405, 'This path does not support that method.'],
  'common.payload_too_large': [413, 'The request body is too large.'],
  'common.unsupported_media_type': [415, 'Send the body as application/json in UTF-8.'],
  'common.busy': [503, 'Too much is happening to this record right now. Try again.'],
  'common.unavailable': [503, 'The service is starting, stopping or overloaded. Try again.'],
  'common.provider_unavailable': [503, 'A provider that we ask does not answer right now. Try again.'],
  'common.stream_cut': [503, 'Part of this record is hidden in the event store; an operator must bring it back.'],
  'common.key_missing': [503, 'This record cannot be opened until an operator has restored the keys.'],
  'common.idempotency_mismatch': [422, 'This Idempotency-Key was used with another body. Use a new key.'],
  'common.position_ahead': [400, 'Read-After names a position that the log has not reached.'],
  'common.view_degraded': [503, 'This record cannot be shown until an operator has repaired it.'],
  'webhook.signature.invalid': [401, 'The webhook signature is missing, wrong or too old.'],

  // kill switches (domain 4; the code of all is FEATURE_DISABLED)
  'features.referral_disabled': [503, 'Referrals are switched off at the moment.'],
  'features.payout_disabled': [503, 'Payouts are switched off at the moment.'],
  'features.payment_disabled': [503, 'Payments are switched off at the moment.'],
  'features.messaging_disabled': [503, 'Messaging is switched off at the moment.'],
  'features.creator_upgrade_disabled': [503, 'Becoming a creator is switched off at the moment.'],
  'features.kyc_disabled': [503, 'Identity checks are switched off at the moment.'],

  // auth and user (domain 2.6)
  'auth.register.closed': [403, 'Registration is closed.'],
  'auth.register.email_taken': [409, 'An account with this e-mail address exists.'],
  'auth.register.username_taken': [409, 'This username is taken or reserved.'],
  'auth.register.interrupted': [503, 'Registering stopped half-way and was undone. Try again with a new key.'],
  'auth.login.invalid_credentials': [401, 'E-mail address or password is wrong.'],
  'auth.login.account_suspended': [401, 'This account is suspended.'],
  'auth.login.account_deactivated': [401, 'This account is deactivated.'],
  'auth.login.email_not_verified': [403, 'The e-mail address is not verified yet.'],
  'error.user.not_found': [404, 'There is no such user.'],
  'error.user.username_length': [400, 'A username has {min} to {max} characters.'],
  'error.user.username_format': [400, 'A username has only a-z, 0-9, dot, underscore and hyphen.'],
  'error.user.username_same': [400, 'This is already your username.'],
  'error.user.username_cooldown': [400, 'The username can be changed again on {availableAt}.'],
  'error.user.username_taken': [409, 'This username is taken or reserved.'],
  'error.user.too_many_names': [409, 'An account has at most {max} names, former ones and referral codes included.'],
  'error.user.username_interrupted': [503, 'The change stopped half-way and was undone. Try again with a new key.'],
  'error.user.account_not_active': [400, 'The account is not active.'],
  'error.user.account_not_deactivated': [400, 'The account is not deactivated.'],
  'error.user.account_active': [409, 'The account is already active.'],
  'error.user.erased': [409, 'This account was erased.'],
  'user.delete.balance_left': [
    409,
    'There is money left; see i18nVars. Spend it or have it paid out, or send "forfeit": true to give it up.',
  ],
  'user.block.self': [400, 'You cannot block yourself.'],
  'user.block.already_blocked': [409, 'This user is already blocked.'],
  'user.block.not_blocked': [404, 'This user is not blocked.'],

  // creator (domain 1, 2.5)
  'creator.dashboard.not_found': [404, 'There is no creator profile for this user. Upgrade to creator first.'],
  'creator.profile.not_found': [404, 'There is no creator profile for this user. Upgrade to creator first.'],
  'creator.dm.not_found': [404, 'There is no creator profile.'],
  'creator.ownership.forbidden': [403, 'This belongs to another creator.'],
  'creator.upgrade.already_creator': [409, 'This user is already a creator.'],
  'creator.upgrade.username_taken': [409, 'This username is taken or reserved.'],
  'creator.upgrade.username_required': [400, 'Choose a username: this account has none yet.'],
  'creator.upgrade.interrupted': [503, 'The upgrade stopped half-way and was undone. Try again with a new key.'],
  'creator.bio.template_unknown': [400, 'There is no template with this id.'],
  'creator.dm.price_required': [400, 'A paid and active DM needs a price.'],
  'creator.dm.price_out_of_range': [400, 'The price must be from {min} to {max}.'],
  'creator.vacation.invalid_range': [400, 'The end must be after the start.'],
  'creator.vacation.not_found': [404, 'There is no creator profile.'],
  'creator.bank.not_found': [404, 'There is no creator profile.'],
  'creator.bank.incomplete': [409, 'There is no IBAN to verify.'],
  'creator.status.unchanged': [409, 'The creator already has this status.'],
  'creator.level.unchanged': [409, 'The creator already has this level.'],
  'creator.tax_form.already_approved': [409, 'The tax form is already approved.'],
  'creator.kyc.already_approved': [400, 'The identity check is already approved.'],
  'creator.kyc.in_progress': [400, 'An identity check is in progress.'],
  'creator.kyc.not_in_progress': [400, 'No identity check is in progress. Start one.'],
  'error.creator.not_found': [404, 'There is no creator profile.'],
  'creator.stripe.kyc_required': [400, 'Finish the identity check first.'],
  'creator.stripe.connect_in_progress': [409, 'A Stripe account is linked or being linked.'],
  'creator.stripe.account_not_found': [400, 'There is no Stripe account in use. Open one.'],
  'creator.stripe.not_creator': [404, 'There is no creator profile.'],
  'creator.social.account_linked_elsewhere': [409, 'This social account is linked to another user.'],
  'creator.social.already_connected': [409, 'An account on this platform is already connected.'],
  'creator.social.not_found': [404, 'No account on this platform is connected.'],
  'creator.social.verification_failed': [400, 'The platform did not confirm this account.'],
  'creator.social.interrupted': [503, 'Connecting stopped half-way and was undone. Try again with a new key.'],
  'creator.bio.not_found': [404, 'There is no bio page.'],
  'creator.bio.too_large': [
    400,
    'The bio page with all its links has more than {max} bytes; shorten or remove something.',
  ],
  'creator.bio.moderation_unavailable': [503, 'This text cannot be checked right now; nothing was changed. Try again.'],
  'creator.bio.content_flagged': [400, 'This text is not allowed on a bio page.'],
  'creator.links.invalid_url': [400, 'A link needs an http or https address.'],
  'creator.links.social_dm_active': [400, 'Manual social links are not shown while DMs are on.'],
  'creator.links.limit_reached': [400, 'A bio page has at most {max} links.'],
  'creator.links.not_owner': [403, 'This link belongs to another creator.'],
  'creator.links.not_found': [404, 'There is no such link.'],
  'creator.links.not_owned': [400, 'List each of your links exactly once.'],

  // messages (domain 2.1, 9.10)
  'message.send.error.self': [400, 'You cannot send a message to yourself.'],
  'message.send.error.creator_not_found': [404, 'There is no such creator.'],
  'message.send.error.email_not_verified': [403, 'Verify your e-mail address first.'],
  'message.send.error.receiver_inactive': [403, 'This creator does not take messages.'],
  'message.send.error.price_changed': [409, 'The price is {price} now; nothing was sent.'],
  'message.send.error.blocked': [403, 'Messages between these two users are blocked.'],
  'message.send.error.dm_disabled': [409, 'This creator has switched messages off.'],
  'message.send.error.on_vacation': [409, 'This creator is on vacation.'],
  'message.send.error.type_mismatch': [409, 'This creator takes messages of another type; reload the page.'],
  'message.send.error.duplicate': [409, 'You have just sent this message.'],
  'message.send.error.pending_limit': [409, 'An earlier paid message is still waiting for an answer.'],
  'message.send.error.insufficient_balance': [402, 'The wallet holds too little. Load it first.'],
  'message.send.error.wallet_frozen': [403, 'The wallet is frozen.'],
  'message.send.error.free_daily_limit': [429, 'No free messages are left today.'],
  'message.send.error.free_creator_limit': [429, 'No free messages to this creator are left today.'],
  'message.send.error.free_unavailable': [503, 'Free messages cannot be counted right now. Try again.'],
  'message.send.error.interrupted': [503, 'Sending stopped half-way and was undone. Try again with a new key.'],
  'message.error.not_found': [404, 'There is no such message.'],
  'message.error.not_authorized': [403, 'This message belongs to other users.'],
  'message.reply.error.creator_inactive': [403, 'A suspended, banned or deactivated creator cannot answer messages.'],
  'message.reply.error.invalid_status': [400, 'This message can no longer be answered.'],
  'message.reject.error.invalid_status': [400, 'This message can no longer be rejected.'],
  'message.rate.error.invalid_range': [400, 'A rating is a whole number from 1 to 5.'],
  'message.rate.error.invalid_status': [400, 'Only a completed message can be rated.'],
  'message.rate.error.already_rated': [409, 'This message has already been rated.'],
  'message.quarantine.error.invalid_status': [409, 'This message is not in quarantine.'],
  'message.chargeback.error.invalid_status': [409, 'This message is being settled. Try again later.'],

  // wallet (domain 2.3)
  'wallet.load.error.invalid_amount': [400, 'An amount has at most two decimals and is from {min} to {max}.'],
  'wallet.load.error.balance_limit': [400, 'The wallet holds at most {max}.'],
  'wallet.error.not_found': [404, 'There is no such wallet.'],
  'wallet.error.invalid_amount': [400, 'An amount is positive and has at most two decimals.'],
  'wallet.error.above_max_adjustment': [400, 'At most {max} can be credited or debited by hand.'],
  'wallet.error.insufficient_balance': [409, 'The wallet holds too little.'],
  'wallet.error.frozen': [409, 'The wallet is frozen; unfreeze it first.'],
  'wallet.error.already_frozen': [409, 'The wallet is already frozen.'],
  'wallet.error.not_frozen': [409, 'The wallet is not frozen.'],
  'wallet.checkout.error.not_found': [404, 'There is no such checkout session.'],
  'wallet.checkout.error.not_completed': [409, 'This checkout session is not completed yet. Try again later.'],

  // payouts (names of the checks' errors, G13)
  'payment.payout.error.creator_not_found': [404, 'There is no creator profile for this user.'],
  'payment.payout.error.creator_inactive': [403, 'This creator cannot take payouts.'],
  'payment.payout.error.invalid_amount': [400, 'An amount is positive and has at most two decimals.'],
  'payment.payout.error.invalid_method': [400, 'Choose STRIPE_CONNECT or BANK_TRANSFER.'],
  'payment.payout.error.kyc_required': [403, 'Finish the identity check first.'],
  'payment.payout.error.tax_form_required': [403, 'An approved tax form is needed first.'],
  'payment.payout.error.method_not_ready': [409, 'This payout method is not set up yet.'],
  'payment.payout.error.wallet_not_found': [404, 'There are no earnings yet.'],
  'payment.payout.error.wallet_frozen': [403, 'The wallet is frozen.'],
  'payment.payout.error.below_minimum': [400, 'The minimum amount is {min}.'],
  'payment.payout.error.insufficient_balance': [409, 'The wallet can pay out {available} at most.'],
  'payment.payout.error.open_limit': [409, 'There are already {max} open payouts.'],
  'payment.payout.error.destination_changed': [
    409,
    'The account to pay to has changed since the approval; approve the payout again.',
  ],
  'payment.payout.error.frequency_limit': [429, 'The next payout can be requested on {availableAt}.'],
  'payment.payout.error.not_found': [404, 'There is no such payout.'],
  'payment.payout.error.invalid_status': [409, 'A payout that is {status} does not allow this.'],

  // referral (domain 2.4)
  'referral.link.code_collision': [400, 'No free referral code was found. Try again.'],
  'referral.link.interrupted': [503, 'Making the link stopped half-way and was undone. Try again.'],
  'referral.link.not_found': [404, 'There is no such referral link.'],
  'referral.link.unchanged': [409, 'The referral link is already in this state.'],
  'referral.reward.not_found': [404, 'There is no such reward.'],

  // admin
  'admin.config.unknown_key': [404, 'There is no such config key.'],
  'admin.config.invalid_value': [400, 'The value does not fit this config key; see details.'],
  'admin.config.conflict': [400, 'The value conflicts with that of {key}; change that one first.'],
  'admin.four_eyes.own_money': [403, 'Somebody else must decide about your own money.'],
  'admin.four_eyes.approver': [403, 'Whoever approved a payout cannot process it; somebody else must.'],
  'admin.kill_switch.unknown': [404, 'There is no such kill switch.'],
  'admin.kill_switch.unchanged': [409, 'The kill switch is already in this state.'],
  'admin.projection.unknown': [404, 'There is no view, and nothing else that follows the log, of this name.'],
  'admin.projection.no_report': [404, 'This view has no such report.'],
  'admin.events.invalid_cursor': [400, 'The cursor is not valid.'],
} as const satisfies Record<string, Entry>;

export type ErrorKey = keyof typeof catalogue;
export type ErrorVars = Readonly<Record<string, string | number>>;

/** "No" as a value: what a decider returns instead of events. */
export interface Refusal {
  readonly refused: ErrorKey;
  readonly vars: ErrorVars;
  /** Which fields of the request are at fault, where that can be said. */
  readonly details?: readonly Detail[];
  /** This run of the command was abandoned and can never finish: a retry is another run, with ids of its own (domain 9.2). */
  readonly closesRun?: true;
}

export function refuse(refused: ErrorKey, vars: ErrorVars = {}): Refusal {
  return { refused, vars };
}

/** A 400 that names the field, for what only the stored values can tell. `message` completes "<field>: ". */
export function refuseField(field: string, message: string, key: ErrorKey = 'common.validation_failed'): Refusal {
  return { ...refuse(key), details: [{ field, message: `${field}: ${message}` }] };
}

export function closing(refusal: Refusal): Refusal {
  return { ...refusal, closesRun: true };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** One problem of a request: where it is, and what, in words that can be read alone ("amount: must be a string"). */
export interface Detail {
  /** A field of the body, path or query, or the part of the request as a whole; what stands before the colon unless given. */
  readonly field?: string;
  readonly message: string;
}

/** A refusal on its way to the caller. `details` are shown to the caller: no stack, path or private value belongs in them. */
export class Refused extends Error {
  readonly key: ErrorKey;
  readonly vars: ErrorVars;
  readonly details: readonly Detail[];
  /** Seconds for Retry-After, if waiting helps. */
  readonly retryAfter: number | undefined;
  /** As Refusal says. */
  readonly closesRun: boolean;

  constructor(
    key: ErrorKey,
    options: {
      vars?: ErrorVars;
      details?: readonly Detail[] | undefined;
      retryAfter?: number;
      closesRun?: boolean | undefined;
    } = {},
  ) {
    super(key);
    this.closesRun = options.closesRun ?? false;
    this.key = key;
    this.vars = options.vars ?? {};
    this.details = options.details ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/** The English message of an error with its variables filled in. */
export function messageOf(key: ErrorKey, vars: ErrorVars = {}): string {
  return catalogue[key][1].replace(/\{(\w+)\}/g, (_, name: string) => String(vars[name] ?? ''));
}

export function statusOf(key: ErrorKey): number {
  return catalogue[key][0];
}

/** The upper-snake `code` beside an i18nKey (G27). */
export function codeOf(key: ErrorKey): string {
  if (statusOf(key) === 401) return 'AUTH_UNAUTHORIZED';
  if (key === 'common.validation_failed') return 'VALIDATION_FAILED';
  if (key === 'common.rate_limited') return 'RATE_LIMITED';
  if (key.startsWith('features.')) return 'FEATURE_DISABLED';
  return key.replaceAll('.', '_').toUpperCase();
}

/** The outcome; throws if it is a refusal. */
export function orThrow<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new Refused(outcome.refused, outcome);
  return outcome;
}
