/** People with wallets and profiles, appended as events: these tests are about money, not about how accounts come to be. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { toCents, toDecimal } from '@creator-dashboards/shared/money';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { bioPageIdOf, creatorIdOf, CreatorUserId, newId } from '@creator-dashboards/shared/ids';
import type { Actor, RoutingKeys } from '@creator-dashboards/shared/ports';
import type { Decider } from '../../src/domain/decider.js';
import { createCommandHandler } from '../../src/runtime/command-loop.js';
import type { Harness } from '../support/harness.js';

interface Facts {
  readonly stream: string;
  readonly keys: RoutingKeys;
  readonly events: readonly DomainEvent[];
}

const facts: Decider<null, Facts, DomainEvent> = {
  category: 'facts',
  snapshotVersion: 1,
  streamOf: ({ stream }) => stream,
  initial: null,
  evolve: () => null,
  decide: ({ events }) => events,
  keysOf: (_state, { keys }) => keys,
};

/** Appends events as they are, past every decider. */
export async function happened(
  { service, now }: Harness,
  stream: string,
  keys: RoutingKeys,
  events: readonly DomainEvent[],
): Promise<void> {
  const commandId = newId();
  await createCommandHandler(service.events).handle(
    facts,
    { stream, keys, events },
    {
      commandId,
      since: null,
      correlationId: commandId,
      causationId: commandId,
      actor: { userId: null, role: 'SYSTEM' },
      reason: null,
      at: now(),
    },
  );
}

export const admin: Actor = { userId: newId(), role: 'ADMIN' };

/** An active account; answers the actor of its token. */
export async function person(h: Harness): Promise<Actor & { readonly userId: string }> {
  const userId = newId();
  const digest = h.service.digest('email', userId);
  const email = await h.service.sealer.seal(kinds.email, userId, 'somebody@example.org');
  const data = {
    userId,
    email,
    passwordHash: email,
    displayName: null,
    username: null,
    referralCodeUsed: null,
    emailDigest: digest,
    usernameDigest: null,
    emailVerifiedAt: h.now(),
    intent: 'FAN' as const,
    referredBy: null,
  };
  await happened(h, `user-${userId}`, { userId }, [{ type: 'UserRegistered', data }]);
  return { userId, role: 'USER' };
}

/** A creator who passes every payout check but those of the wallet; `without` leaves events out. */
export async function creatorPerson(h: Harness, without: readonly DomainEvent['type'][] = []) {
  const actor = await person(h);
  const userId = CreatorUserId(actor.userId);
  const creatorId = creatorIdOf(userId);
  const text = await h.service.sealer.seal(kinds.displayName, userId, 'text');
  const account = await h.service.sealer.seal(kinds.stripeAccountId, userId, 'acct_1');
  const at = h.now();
  const events: DomainEvent[] = [
    {
      type: 'CreatorUpgraded',
      data: {
        creatorId,
        userId,
        bioPageId: bioPageIdOf(userId),
        displayName: text,
        bio: text,
        username: null,
        usernameDigest: null,
        templateId: null,
        template: null,
        createdAt: at,
      },
    },
    { type: 'KycApproved', data: { sessionId: newId(), completedAt: at } },
    { type: 'TaxFormApproved', data: { at } },
    { type: 'StripeAccountLinked', data: { accountId: account, onboardingUrl: text } },
    { type: 'StripeAccountStatusChanged', data: { status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true } },
    { type: 'PreferredPayoutMethodSet', data: { method: 'STRIPE_CONNECT' } },
  ];
  const wanted = events.filter(({ type }) => !without.includes(type));
  await happened(h, `creator-${creatorId}`, { userId, creatorId }, wanted);
  return { ...actor, userId, creatorId };
}

/** A creator with this much in the wallet, credited by an admin. */
export async function earner(h: Harness, balance: string) {
  const creator = await creatorPerson(h);
  await adjust(h, creator.userId, 'CREATOR', balance);
  return creator;
}

/** A fan with this much to spend. */
export async function fanWith(h: Harness, balance: string) {
  const fan = await person(h);
  await adjust(h, fan.userId, 'FAN', balance);
  return fan;
}

/** Config wallet.max_adjustment, in cents. */
const MOST = 100_000;

async function adjust(h: Harness, userId: string, type: 'FAN' | 'CREATOR', amount: string): Promise<void> {
  for (let rest = toCents(amount); rest > 0; rest -= MOST) {
    const body = { type, amount: toDecimal(Math.min(rest, MOST)), direction: 'CREDIT', reason: 'a test begins' };
    await h.call('POST /admin/wallets/:userId/adjust', { as: admin, params: { userId }, body });
  }
}
