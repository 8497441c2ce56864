/** Fans with money and creators who accept messages, on the whole service: the starting point of the message tests. */
import { Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { CreatorStatus, DmType } from '@creator-dashboards/shared/events/define';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { derivedId, FanId, MessageId, newId, type CreatorId, type CreatorUserId } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Actor } from '@creator-dashboards/shared/ports';
import { HOUR } from '@creator-dashboards/shared/time';
import { CONFIG_STREAM } from '../../src/domain/platform-config.js';
import { conversation, conversationStream } from '../../src/domain/conversation.js';
import type { BlockEvent } from '@creator-dashboards/shared/events/user';
import { blockStream } from '../../src/domain/block.js';
import { creatorWallet, creatorWalletStream } from '../../src/domain/creator-wallet.js';
import { fanWallet, fanWalletStream } from '../../src/domain/fan-wallet.js';
import { isSent, message, messageStream } from '../../src/domain/message.js';
import type { Call } from '../../src/http/call-route.js';
import { messages } from '../../src/features/messages.js';
import { money } from '../../src/features/money.js';
import type { CommandService } from '../../src/runtime/service.js';
import { admin, creatorPerson, fanWith, happened, person } from '../money/people.js';
import { processBeside, type Ports } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';

export { admin };

export const features = [messages, money];
export type Person = Actor & { readonly userId: string };
export type Creator = Person & { readonly userId: CreatorUserId; readonly creatorId: CreatorId };

export interface Dm {
  readonly dmType: DmType;
  /** A decimal; null when free. */
  readonly price: string | null;
  readonly active: boolean;
}
export const perMessage = (price: string): Dm => ({ dmType: 'PER_MESSAGE', price, active: true });
export const singlePay = (price: string): Dm => ({ dmType: 'SINGLE_PAY', price, active: true });
export const free: Dm = { dmType: 'FREE', price: null, active: true };

export interface Outgoing {
  readonly content?: string;
  readonly dmType?: DmType;
  readonly expectedPrice?: string;
  /** The Idempotency-Key. */
  readonly key?: string;
}

export type Sent = { readonly messageId: string; readonly status: string; readonly position: string };
export type Fixtures = Awaited<ReturnType<typeof openFixtures>>;

/** Opens a service; what it knows of people was appended as events. */
export async function openFixtures(options: Omit<Parameters<typeof createHarness>[0], 'features'> = {}) {
  const h = await createHarness({ ...options, features });
  await h.catchUp(); // Policies start on an empty log.
  return { ...h, ...peopleOf(h), ...actsOf(h), ...accountsOf(h.service) };
}

function peopleOf(h: Harness) {
  async function dmConfig({ userId, creatorId }: Creator, { dmType, price, active }: Dm): Promise<void> {
    const data = {
      dmType,
      dmPrice: price,
      dmActive: active,
      previous: { dmType: null, dmPrice: null, dmActive: false },
      packageId: derivedId(creatorId, dmType),
    };
    await happened(h, `creator-${creatorId}`, { userId, creatorId }, [{ type: 'DmConfigUpdated', data }]);
  }

  return {
    dmConfig,
    /** A fan with this much to spend; without an amount, no wallet. */
    fan: (balance?: string): Promise<Person> => (balance === undefined ? person(h) : fanWith(h, balance)),
    /** A creator with these message settings; without any, settings that were never chosen. */
    async creator(dm?: Dm): Promise<Creator> {
      const creator = await creatorPerson(h);
      if (dm) await dmConfig(creator, dm);
      return creator;
    },
    toCreator: ({ userId, creatorId }: Creator, ...events: DomainEvent[]) =>
      happened(h, `creator-${creatorId}`, { userId, creatorId }, events),
    /** This many movements of a creator's wallet that leave its balance as it is. */
    async toWallet({ userId, creatorId }: Creator, count: number): Promise<void> {
      const { state } = await h.service.commands.load(creatorWallet, creatorWalletStream(userId));
      const [less, more] = [toDecimal(state.balance), toDecimal(state.balance + 100)];
      const credit = { direction: 'CREDIT' as const, amount: '1.00', before: less, after: more };
      const debit = { direction: 'DEBIT' as const, amount: '1.00', before: more, after: less };
      const moves = Array.from({ length: count / 2 }, () => [credit, debit]).flat();
      const events = moves.map((data): DomainEvent => ({ type: 'WalletAdjusted', data }));
      await happened(h, creatorWalletStream(userId), { userId, creatorId }, events);
    },
    /** Whether somebody blocks another person from now on. */
    async blocks({ userId: ownerId }: Person, { userId: blockedId }: Person, type: BlockEvent['type'] = 'UserBlocked') {
      const data = { ownerId, blockedId };
      await happened(h, blockStream(ownerId, blockedId), { userId: ownerId, ownerId }, [{ type, data }]);
    },
    toUser: ({ userId }: Person, ...events: DomainEvent[]) => happened(h, `user-${userId}`, { userId }, events),
    async config(key: string, value: number): Promise<void> {
      const set: DomainEvent = { type: 'ConfigValueSet', data: { key, value, previous: null } };
      await happened(h, CONFIG_STREAM, { configKey: key }, [set]);
      await h.catchUp();
    },
  };
}

export type Caller = Pick<Harness, 'call' | 'data'>;

/** What people do, in one process. */
export function actsOf({ call, data }: Caller) {
  const to = (messageId: string, as: Person, body: object, key?: string): Call => ({
    as,
    params: { id: messageId },
    body,
    ...(key && { key }),
  });
  return {
    /** Each text is different unless given: duplicates have their own tests. */
    async send(fan: Person, { creatorId }: Creator, message: Outgoing = {}): Promise<Sent> {
      const { content = `hello ${newId()}`, dmType = 'PER_MESSAGE', key, ...others } = message;
      const body = { creatorId, dmType, content, ...others };
      return (await data('POST /messages', { as: fan, body, ...(key && { key }) })) as Sent;
    },
    reply: (creator: Person, messageId: string, { content = 'thank you', key }: Outgoing = {}) =>
      call('POST /messages/:id/reply', to(messageId, creator, { content }, key)),
    reject: (creator: Person, messageId: string, { reason, key }: { reason?: string; key?: string } = {}) =>
      call('POST /messages/:id/reject', to(messageId, creator, reason === undefined ? {} : { reason }, key)),
    rate: (fan: Person, messageId: string, rating: number, key?: string) =>
      call('POST /messages/:id/rate', to(messageId, fan, { rating }, key)),
    judge: (as: Actor, messageId: string, verdict: 'release' | 'refuse') =>
      call(`POST /admin/messages/:messageId/${verdict}`, { as, params: { messageId }, body: { reason: 'looked at' } }),
    unfreeze: ({ userId }: Person) =>
      call('POST /admin/wallets/:userId/unfreeze', {
        as: admin,
        params: { userId },
        body: { type: 'FAN', reason: 'looked at' },
      }),
    chargeBack: (messageId: string, amount: string, id = newId()) =>
      call('POST /webhooks/payments', { body: { id, type: 'chargeback', messageId, amount } }),
  };
}

/** Totals of the streams, in decimals. */
function accountsOf({ commands }: CommandService) {
  const states = {
    async message(messageId: string) {
      const { state } = await commands.load(message, messageStream(MessageId(messageId)));
      return { status: state.status, price: isSent(state) ? state.price : null };
    },
    conversation: async ({ userId }: Person, { creatorId }: Creator) =>
      (await commands.load(conversation, conversationStream(FanId(userId), creatorId))).state,
  };
  return {
    ...states,
    /** The message between these two that is not settled yet. */
    async pending(fan: Person, creator: Creator): Promise<string> {
      const [admission, ...others] = (await states.conversation(fan, creator)).open;
      if (!admission || others.length > 0) throw new Error('not exactly one message is pending');
      return admission.messageId;
    },
    /** The sum of what a fan can spend and what is held. */
    async purse({ userId }: Person): Promise<{ balance: string; held: string }> {
      const { state } = await commands.load(fanWallet, fanWalletStream(FanId(userId)));
      return { balance: toDecimal(state.balance), held: toDecimal(sum(Object.values(state.holds))) };
    },
    async earned({ userId }: Creator): Promise<string> {
      return toDecimal((await commands.load(creatorWallet, creatorWalletStream(userId))).state.balance);
    },
  };
}

const sum = (amounts: readonly Cents[]) => amounts.reduce((total, amount) => total + amount, 0);

/** Commission of every settlement in the log, less what chargebacks took back. */
export async function commissions(h: Pick<Harness, 'log'>): Promise<Cents> {
  const amounts = (await h.log()).map((event) => {
    if (event.type === 'EarningsCredited') return toCents(event.data.commission);
    return event.type === 'EarningsReversed' ? -toCents(event.data.commission) : 0;
  });
  return sum(amounts);
}

/** Another process on the same stores, with ports that the test replaces. */
export function anotherProcess({ service }: Pick<Harness, 'service'>, ports?: Ports) {
  const { service: other, call } = processBeside(service, features, ports);
  const data = async (row: string, options?: Call) => (await call(row, options)).data as Record<string, unknown>;
  return { service: other, ...actsOf({ call, data }) };
}

/** The error key of a refusal; undefined when it succeeded. Any other error is thrown to the test. */
export async function refusalOf(work: Promise<unknown>): Promise<ErrorKey | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.key;
    throw error;
  }
}

/** The moment after the 72 hours of a message have run out. */
export const UNANSWERED = 72 * HOUR;

export const withStatus = (statusAfter: CreatorStatus): DomainEvent => ({
  type: statusAfter === 'BANNED' ? 'CreatorBanned' : 'CreatorSuspended',
  data: { statusAfter },
});
