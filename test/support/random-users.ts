/** The users of a small platform, who do at random what users do there. They know only what they were answered. */
import { newId } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal, toMajor } from '@creator-dashboards/shared/money';
import type { Command, Data, Send } from './commands.js';
import type { Ledger } from './ledger.js';
import { draw, pick, type Random } from './random.js';

interface Person {
  readonly userId: string;
  readonly username: string;
}

interface Creator extends Person {
  readonly creatorId: string;
  readonly dmType: 'PER_MESSAGE' | 'SINGLE_PAY' | 'FREE';
  readonly links: string[];
}

interface Message {
  readonly id: string;
  readonly fan: Person;
  readonly creator: Creator;
  readonly content: string;
}

interface Checkout {
  readonly sessionId: string;
  readonly fan: Person;
  readonly amount: string;
}

type UnkeyedCommand = Omit<Command, 'key'> & { readonly key?: string };

const admin = { userId: newId(), role: 'ADMIN' } as const;
const as = ({ userId }: Person) => ({ userId, role: 'USER' }) as const;
const reason = 'a test';
/** So many stay whatever happens. */
const FANS_MIN = 4;

/** What may be refused when everything happens at once; any other refusal is a fault of these users or of the system. */
export const understandable: readonly string[] = [
  'message.send.error.insufficient_balance',
  'message.send.error.interrupted',
  'message.send.error.wallet_frozen',
  'auth.account.unknown', // Erased meanwhile.
  'auth.register.interrupted',
  'creator.upgrade.interrupted',
  'creator.social.interrupted',
  'referral.link.interrupted',
  'error.user.erased',
  'error.user.username_interrupted',
  'error.user.username_same',
  'error.user.username_taken',
  'error.user.too_many_names',
  'creator.links.not_found',
  'message.reply.error.invalid_status',
  'message.reject.error.invalid_status',
  'message.chargeback.error.invalid_status',
  'wallet.error.not_frozen',
  'payment.payout.error.insufficient_balance',
  'payment.payout.error.frequency_limit', // Five a day (G51).
  'payment.payout.error.invalid_status',
  'payment.payout.error.wallet_not_found',
  'admin.config.conflict',
];

export function createRandomUsers(ledger: Ledger, send: Send, random: Random) {
  const fans: Person[] = [];
  const creators: Creator[] = [];
  const payees: Creator[] = [];
  const newcomers: Person[] = [];
  const referrers: Person[] = [];
  const checkouts: Checkout[] = [];
  const paid: Checkout[] = [];
  /** Whose money was charged back, so that their wallets are frozen. */
  const suspects: Person[] = [];
  const messages = {
    delivered: [] as Message[],
    answered: [] as Message[],
    rejected: [] as Message[],
    rated: [] as Message[],
  };
  const payouts = { pending: [] as string[], approved: [] as string[], processing: [] as string[] };
  /** Of people who were not about to be erased: those have no link, and the answer does not say so. */
  const clicks = { sent: 0, acknowledged: 0 };
  let serial = 0;
  const next = () => (serial += 1);

  const ask = (command: UnkeyedCommand, then?: (data: Data) => unknown) =>
    ledger.ask({ key: `key-${next()}`, ...command }, then);

  // ------------------------------------------------------------------ accounts

  function register(joins: (person: Person) => void, referrer?: Person): Promise<void> {
    const username = `person${next()}`;
    const consent = { acceptTerms: true, acceptPrivacy: true };
    const account = { email: `${username}@example.org`, password: 'Correct-horse-7', username, ...consent };
    const body = referrer ? { ...account, referralCode: referrer.username } : account;
    return ask({ route: 'POST /auth/register', as: 'anybody', body, leaves: ['UserRegistered'] }, ({ userId }) =>
      joins({ userId: String(userId), username }),
    );
  }

  /** To a new name, back to her first one, or to somebody else's, which is refused. */
  const rename = (person: Person) =>
    ask({
      route: 'PATCH /users/username',
      as: as(person),
      body: { username: pick(random, [`renamed${next()}`, person.username, pick(random, fans)?.username ?? 'fan']) },
      leaves: ['UsernameChanged'],
    });

  /** With whatever is in her wallet, held for her messages, or still to be paid in (G56). */
  const erase = ({ userId }: Person) =>
    ask({
      route: 'POST /admin/users/:userId/erase',
      params: { userId },
      as: admin,
      body: { reason },
      leaves: ['UserErasureRequested'],
    });

  const upgrade = (person: Person, dmType: Creator['dmType']) =>
    ask(
      {
        route: 'POST /creators/upgrade',
        as: as(person),
        body: { displayName: person.username },
        leaves: ['CreatorUpgraded'],
      },
      ({ creatorId }) => {
        // Nobody writes to her before her DMs are on.
        const creator = { ...person, creatorId: String(creatorId), dmType, links: [] };
        return configure(creator, () => creators.push(creator));
      },
    );

  // ------------------------------------------------------------------ creators

  const prices = new Set<string>();
  /** From 10.00 to 19.99; never one that this creator had before, so that each change of it is an event. */
  function newPrice(creatorId: string): number {
    for (;;) {
      const price = toMajor(toCents('10.00') + (next() % 1_000));
      const taken = `${creatorId} ${price}`;
      if (prices.has(taken)) continue;
      prices.add(taken);
      return price;
    }
  }

  function configure(creator: Creator, then?: () => void): Promise<void> {
    const { creatorId, dmType } = creator;
    const price = newPrice(creatorId);
    return ask(
      {
        route: 'PATCH /creators/:creatorId/dm-config',
        params: { creatorId },
        as: as(creator),
        body: { dmType, dmActive: true, ...(dmType !== 'FREE' && { dmPrice: price }) },
        leaves: ['DmConfigUpdated'],
      },
      then,
    );
  }

  const addLink = (creator: Creator) =>
    ask(
      {
        route: 'POST /creators/:creatorId/links',
        params: { creatorId: creator.creatorId },
        as: as(creator),
        body: { title: 'A page', url: `https://example.org/${next()}` },
        leaves: ['BioLinkAdded'],
      },
      ({ id }) => creator.links.push(String(id)),
    );

  const changeLink = (creator: Creator, linkId: string) =>
    ask({
      route: 'PATCH /creators/links/:linkId',
      params: { linkId },
      as: as(creator),
      body: { title: `Page ${next()}` },
      leaves: ['BioLinkUpdated'],
    });

  const removeLink = (creator: Creator, linkId: string) =>
    ask({ route: 'DELETE /creators/links/:linkId', params: { linkId }, as: as(creator), leaves: ['BioLinkRemoved'] });

  // ------------------------------------------------------------------ messages

  function write(fan: Person, creator: Creator): Promise<void> {
    const { creatorId, dmType } = creator;
    const content = `question ${next()}`;
    return ask(
      { route: 'POST /messages', as: as(fan), body: { creatorId, dmType, content }, leaves: ['MessageSent'] },
      ({ messageId }) => messages.delivered.push({ id: String(messageId), fan, creator, content }),
    );
  }

  const reply = (message: Message) =>
    ask(
      {
        route: 'POST /messages/:id/reply',
        params: { id: message.id },
        as: as(message.creator),
        body: { content: `answer to ${message.content}` },
        leaves: ['MessageReplied'],
      },
      () => messages.answered.push(message),
    );

  const reject = (message: Message) =>
    ask(
      {
        route: 'POST /messages/:id/reject',
        params: { id: message.id },
        as: as(message.creator),
        body: {},
        leaves: ['MessageRejected'],
      },
      () => messages.rejected.push(message),
    );

  const replyAndReject = async (message: Message) => void (await Promise.all([reply(message), reject(message)]));

  const rate = (message: Message) =>
    ask(
      {
        route: 'POST /messages/:id/rate',
        params: { id: message.id },
        as: as(message.fan),
        body: { rating: 1 + Math.floor(random() * 5) },
        leaves: ['MessageRated'],
      },
      () => messages.rated.push(message),
    );

  // --------------------------------------------------------------------- money

  function load(fan: Person): Promise<void> {
    const amount = toDecimal(toCents('20.00') + (next() % 1_000));
    return ask(
      { route: 'POST /wallet/load', as: as(fan), body: { amount }, leaves: ['CheckoutStarted'] },
      ({ sessionId }) => checkouts.push({ sessionId: String(sessionId), fan, amount }),
    );
  }

  const pay = (checkout: Checkout) => {
    const { sessionId, amount } = checkout;
    const body = { type: 'checkout.completed', sessionId, amount };
    return ask({ route: 'POST /webhooks/payments', as: 'provider', body, leaves: ['CheckoutCompleted'] }, () =>
      paid.push(checkout),
    );
  };

  const chargeBackLoad = ({ sessionId, fan, amount }: Checkout) => {
    const body = { type: 'chargeback', sessionId, amount };
    return ask({ route: 'POST /webhooks/payments', as: 'provider', body, leaves: ['CheckoutChargedBack'] }, () =>
      suspects.push(fan),
    );
  };

  const unfreeze = ({ userId }: Person) =>
    ask({
      route: 'POST /admin/wallets/:userId/unfreeze',
      params: { userId },
      as: admin,
      body: { type: 'FAN', reason },
      leaves: ['WalletUnfrozen'],
    });

  async function chargeBack({ id, fan }: Message): Promise<void> {
    const read = await send({ route: 'GET /messages/:id', params: { id }, as: as(fan), key: newId() }).catch(
      () => null,
    );
    const amount = read?.data.priceSnapshot;
    if (typeof amount !== 'string') return; // It was free, or the system is gone.
    await ask(
      {
        route: 'POST /webhooks/payments',
        as: 'provider',
        body: { type: 'chargeback', messageId: id, amount },
        leaves: ['MessageChargedBack', 'ChargebackMismatch'],
      },
      () => suspects.push(fan),
    );
  }

  const requestPayout = (creator: Creator) =>
    ask(
      { route: 'POST /payouts/request', as: as(creator), body: { amount: '10.00' }, leaves: ['PayoutRequested'] },
      ({ payoutId }) => payouts.pending.push(String(payoutId)),
    );

  const judge = (payoutId: string, action: string, event: Command['leaves'][number], then?: () => void) =>
    ask(
      {
        route: `POST /admin/payouts/:payoutId/${action}`,
        params: { payoutId },
        as: admin,
        body: { reason },
        leaves: [event],
      },
      then,
    );
  const approve = (id: string) => judge(id, 'approve', 'PayoutApproved', () => payouts.approved.push(id));
  const refuse = (id: string) => judge(id, 'reject', 'PayoutRejected');
  const process = (id: string) => judge(id, 'process', 'PayoutProcessingStarted', () => payouts.processing.push(id));

  const transfer = (payoutId: string) => {
    const status = random() < 0.7 ? 'paid' : 'failed';
    return ask({
      route: 'POST /webhooks/payouts',
      as: 'provider',
      body: { payoutId, status },
      leaves: ['PayoutProcessed', 'PayoutFailed', 'PayoutResultConflict'],
      // A payout whose debit was refused has failed before its provider says so.
      ...(status === 'failed' && { mayHaveLeft: { type: 'PayoutFailed', payoutId } }),
    });
  };

  const setConfig = (key: string, value: number) =>
    ask({
      route: 'PUT /admin/config/:key',
      params: { key },
      as: admin,
      body: { value, reason },
      leaves: ['ConfigValueSet'],
    });

  /** Takes no key: a click that was not answered may or may not be in the log. */
  async function click({ userId, username: code }: Person): Promise<void> {
    clicks.sent += 1;
    const route = 'POST /referral/click/:code';
    const answer = await send({ route, params: { code }, as: 'anybody', key: newId() }).catch(() => null);
    if (answer?.status === 200 && !ledger.isErased(userId)) clicks.acknowledged += 1;
  }

  // ------------------------------------------------------------------- all this

  type Deed = () => Promise<unknown> | undefined;
  const some = <T>(list: readonly T[], act: (item: T) => Promise<unknown> | undefined): Deed => {
    return () => {
      const item = pick(random, list);
      return item === undefined ? undefined : act(item);
    };
  };
  /** Each item once. */
  const each = <T>(list: T[], act: (item: T) => Promise<unknown>): Deed => {
    return () => {
      const item = draw(random, list);
      return item === undefined ? undefined : act(item);
    };
  };

  const deeds: readonly (readonly [weight: number, deed: Deed])[] = [
    [1, () => register((person) => newcomers.push(person), random() < 0.5 ? pick(random, referrers) : undefined)],
    [1, each(newcomers, async (person) => (random() < 0.5 ? upgrade(person, 'PER_MESSAGE') : fans.push(person)))],
    [2, some(fans, rename)],
    [0.5, () => (fans.length > FANS_MIN ? each(fans, erase)() : undefined)],
    [2, some(creators, (creator) => (creator.dmType === 'FREE' ? undefined : configure(creator)))],
    [4, some(creators, addLink)],
    [2, some(creators, (creator) => some(creator.links, (link) => changeLink(creator, link))())],
    [1, some(creators, (creator) => each(creator.links, (link) => removeLink(creator, link))())],
    [8, some(fans, load)],
    [10, each(checkouts, pay)],
    [18, some(fans, (fan) => some(creators, (creator) => write(fan, creator))())],
    [12, each(messages.delivered, reply)],
    [2, each(messages.delivered, reject)],
    [2, each(messages.delivered, replyAndReject)],
    [4, each(messages.answered, rate)],
    [2, each(messages.rated, chargeBack)],
    [1, each(messages.rejected, chargeBack)],
    [1, each(paid, chargeBackLoad)],
    [8, each(suspects, unfreeze)],
    [4, some(payees, requestPayout)],
    [3, each(payouts.pending, approve)],
    [1, each(payouts.pending, refuse)],
    [3, each(payouts.approved, process)],
    [3, each(payouts.processing, transfer)],
    [2, () => setConfig('creator.gold_min_messages', 1_000 + next())],
    [3, some(referrers, click)],
  ];
  const total = deeds.reduce((sum, [weight]) => sum + weight, 0);

  /** Does one thing that is possible now. */
  async function act(): Promise<void> {
    for (;;) {
      let rest = random() * total;
      const found = deeds.find(([weight]) => (rest -= weight) < 0);
      const doing = found?.[1]();
      if (doing) return void (await doing);
    }
  }

  /** Gives a creator what a payout requires. */
  async function verify(creator: Creator): Promise<void> {
    const { creatorId } = creator;
    const onCreator = { params: { creatorId }, as: admin, body: { reason } };
    const bank = { iban: 'DE89370400440532013000', bankCountry: 'DE', preferredPayoutMethod: 'BANK_TRANSFER' };
    await ask({ route: 'PATCH /creators/bank-details', as: as(creator), body: bank, leaves: ['BankDetailsUpdated'] });
    await ask({
      ...onCreator,
      route: 'POST /admin/creators/:creatorId/bank-account/verify',
      leaves: ['BankAccountVerified'],
    });
    await ask({ ...onCreator, route: 'POST /admin/creators/:creatorId/tax-form', leaves: ['TaxFormApproved'] });
    await ask({ route: 'POST /creators/kyc/start', as: as(creator), leaves: ['KycStarted'] }, ({ sessionId }) => {
      const body = { sessionId, status: 'APPROVED' };
      return ask({ route: 'POST /webhooks/kyc', as: 'provider', body, leaves: ['KycApproved'] }, () =>
        payees.push(creator),
      );
    });
  }

  return {
    clicks,
    act,
    /** The first people: they register one after the other, on a system that is up. */
    async gather(): Promise<void> {
      await setConfig('dm.max_pending_paid', 200);
      await setConfig('dm.free_daily_limit', 1_000_000);
      await setConfig('dm.free_per_creator_daily', 1_000_000);
      await setConfig('payout.cooldown_days', 0);
      await setConfig('username.change_cooldown_days', 0);
      await setConfig('wallet.max_balance', 1_000_000);
      for (let count = 0; count < 6; count += 1) await register((person) => fans.push(person));
      for (let count = 0; count < 5; count += 1) await register((person) => newcomers.push(person));
      const dmTypes = ['PER_MESSAGE', 'PER_MESSAGE', 'PER_MESSAGE', 'SINGLE_PAY', 'FREE'] as const;
      for (const dmType of dmTypes) await each(newcomers, (person) => upgrade(person, dmType))();
      for (const creator of creators.slice(0, 2)) await verify(creator);
      for (const fan of fans.slice(0, 2)) {
        const linked = await send({ route: 'GET /referral/link', as: as(fan), key: newId() });
        if (linked.status !== 200) throw new Error(`no referral link: ${JSON.stringify(linked)}`);
        referrers.push(fan);
      }
      for (const fan of fans) await load(fan);
    },
  };
}
