/**
 * The demonstration data: forty days of a small platform, created by commands. Every command has an Idempotency-Key, so an
 * interrupted run is repeated from the beginning, at the same times, and changes nothing twice.
 */
import { callRoute, type Call } from '@creator-dashboards/command-service/http/call-route';
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { referralClicksStream } from '@creator-dashboards/command-service/domain/referral-clicks';
import { derivedId, rewardIdOf } from '@creator-dashboards/shared/ids';
import type { Actor } from '@creator-dashboards/shared/ports';
import { DAY, HOUR, MINUTE } from '@creator-dashboards/shared/time';
import type { StoryClock } from './clock.js';
import type { People, Person } from './file.js';

const admin: Person = { userId: derivedId('demo', 'admin'), creatorId: null };
const asAdmin: Actor = { userId: admin.userId, role: 'ADMIN' };
const as = ({ userId }: Person): Actor => ({ userId, role: 'USER' });
export const STORY_LENGTH = 40 * DAY;
const CLICKS = 142;

/** `began`: when the story begins, in milliseconds since the epoch; the same in a repeated run. */
export async function tellStory(commands: RunningCommandService, clock: StoryClock, began: number): Promise<People> {
  const { routes } = commands;
  const performed = new Map<string, number>();
  /**
   * One command of the story. Its key is derived from its content, not from its order: people act concurrently, and the order may
   * differ in a repeated run.
   */
  async function perform<T = Record<string, string>>(row: string, call: Call = {}): Promise<T> {
    const command = derivedId(row, call.as?.userId ?? '', JSON.stringify([call.params, call.body]));
    const nth = (performed.get(command) ?? 0) + 1;
    performed.set(command, nth);
    return (await callRoute(routes, row, { key: `story-${command}-${nth}`, ...call })).data as T;
  }

  async function join(name: string, referralCode?: string): Promise<Person> {
    const body = {
      email: `${name}@demo.example`,
      password: 'Demo-password-1',
      acceptTerms: true,
      acceptPrivacy: true,
      username: name,
      displayName: name[0]?.toUpperCase() + name.slice(1),
      ...(referralCode && { referralCode }),
    };
    const { userId } = await perform<{ userId: string }>('POST /auth/register', { body });
    clock.pass(20 * MINUTE);
    return { userId, creatorId: null };
  }

  async function upgrade(person: Person, displayName: string, bio: string): Promise<Person & { creatorId: string }> {
    const body = { displayName, bio };
    const { creatorId } = await perform<{ creatorId: string }>('POST /creators/upgrade', { as: as(person), body });
    return { ...person, creatorId };
  }

  async function load(fan: Person, amount: string): Promise<void> {
    const { sessionId } = await perform<{ sessionId: string }>('POST /wallet/load', { as: as(fan), body: { amount } });
    const body = { id: `demo-payment-${sessionId}`, type: 'checkout.completed', sessionId, amount };
    await perform('POST /webhooks/payments', { body });
  }

  async function configure(creator: Person & { creatorId: string }, dmType: string, dmPrice?: number): Promise<void> {
    const body = { dmType, dmActive: true, ...(dmPrice !== undefined && { dmPrice }) };
    await perform('PATCH /creators/:creatorId/dm-config', {
      as: as(creator),
      params: { creatorId: creator.creatorId },
      body,
    });
  }

  async function send(fan: Person, to: Person, dmType: string, content: string): Promise<string> {
    const body = { creatorId: to.creatorId, dmType, content };
    const { messageId } = await perform<{ messageId: string }>('POST /messages', { as: as(fan), body });
    clock.pass(2 * MINUTE);
    return messageId;
  }

  async function reply(creator: Person, id: string, content: string): Promise<void> {
    await perform('POST /messages/:id/reply', { as: as(creator), params: { id }, body: { content } });
    clock.pass(5 * MINUTE);
  }

  async function judge(path: string, params: Record<string, string>, body: object = {}): Promise<void> {
    await perform(`POST /admin/${path}`, { as: asAdmin, params, body: { reason: 'demonstration', ...body } });
  }

  clock.goTo(began);
  const alice = await upgrade(await join('alice123'), 'Alice', 'Recipes, honest reviews and the odd bad pun.');
  const paula = await upgrade(await join('paula'), 'Paula', 'Marathon training, one message at a time.');
  const rita = await join('rita');
  await perform('GET /referral/link', { as: as(alice) });
  await perform('GET /referral/link', { as: as(rita) });

  // Alice gets what a payout needs, a face and a page.
  const me = { as: as(alice), params: { creatorId: alice.creatorId } };
  await perform('PATCH /users/avatar', { as: as(alice), body: { avatarUrl: 'https://cdn.bio.re/avatars/abc.webp' } });
  const social = { platform: 'INSTAGRAM', code: 'alice-instagram', redirectUri: 'https://bio.re/callback' };
  await perform('POST /creators/social/connect', { as: as(alice), body: social });
  for (const [title, url] of [
    ['My cookbook', 'https://alice.example/cookbook'],
    ['Newsletter', 'https://alice.example/letter'],
  ])
    await perform('POST /creators/:creatorId/links', { ...me, body: { title, url } });
  const kyc = await perform<{ sessionId: string }>('POST /creators/kyc/start', { as: as(alice) });
  await perform('POST /webhooks/kyc', { body: { id: 'demo-kyc-1', sessionId: kyc.sessionId, status: 'APPROVED' } });
  await judge('creators/:creatorId/tax-form', { creatorId: alice.creatorId });
  const bank = {
    iban: 'DE89370400440532013000',
    bankName: 'Demo Bank',
    accountHolderName: 'Alice Example',
    swiftCode: 'DEUTDEFF',
    bankCountry: 'DE',
    preferredPayoutMethod: 'BANK_TRANSFER',
  };
  await perform('PATCH /creators/bank-details', { as: as(alice), body: bank });
  await judge('creators/:creatorId/bank-account/verify', { creatorId: alice.creatorId });
  const cooking = { id: derivedId('demo', 'category', 'cooking'), name: 'Cooking' };
  await judge('creators/:creatorId/categories', { creatorId: alice.creatorId }, { categories: [cooking] });

  // 38 answered messages: 25 at 50.00, 12 at 25.00, 1 at 12.50 are 1562.50, less 20 % commission 1250.00.
  const names = ['finn', 'greta', 'hugo', 'ines', 'jonas', 'kira', 'leo', 'mona', 'nils'];
  const fans = await Promise.all(names.map((name) => join(name)));
  await Promise.all(fans.map((fan) => load(fan, '500.00')));
  const fanOf = (turn: number) => fans[turn % fans.length] as Person;
  let turn = 0;
  for (const [price, messages] of [
    [50, 25],
    [25, 12],
    [12.5, 1],
  ] as const) {
    await configure(alice, 'PER_MESSAGE', price);
    for (let index = 0; index < messages; index += 1, turn += 1) {
      const fan = fanOf(turn);
      const id = await send(fan, alice, 'PER_MESSAGE', `Question ${turn + 1}: what should I cook tonight?`);
      await reply(alice, id, 'Something with chickpeas. It is always something with chickpeas.');
      if (turn % 4 === 0)
        await perform('POST /messages/:id/rate', {
          as: as(fan),
          params: { id },
          body: { rating: turn % 8 === 0 ? 5 : 4 },
        });
    }
  }
  const refused = await send(fanOf(0), alice, 'PER_MESSAGE', 'Would you cook at my wedding?');
  await perform('POST /messages/:id/reject', { as: as(alice), params: { id: refused }, body: {} });
  await send(fanOf(1), alice, 'PER_MESSAGE', 'Are you there?');
  clock.pass(73 * HOUR);
  await commands.catchUp();
  await commands.tick();

  // 900.00 paid out, and after the cooldown another request that waits: 350.00 stay in the wallet.
  const requested = { amount: '900.00', method: 'BANK_TRANSFER' };
  const { payoutId } = await perform<{ payoutId: string }>('POST /payouts/request', { as: as(alice), body: requested });
  await judge('payouts/:payoutId/approve', { payoutId });
  await judge('payouts/:payoutId/process', { payoutId });
  await perform('POST /webhooks/payouts', { body: { id: 'demo-payout-1', payoutId, status: 'paid' } });
  clock.pass(8 * DAY);
  await perform('POST /payouts/request', { as: as(alice), body: { amount: '100.00' } });

  // Paula is PLATINUM by an admin's decision. Rita's twelve friends write her: 57 rewards, one taken back.
  await judge('creators/:creatorId/level', { creatorId: paula.creatorId }, { level: 'PLATINUM' });
  await configure(paula, 'PER_MESSAGE', 20);
  const friends = Array.from({ length: 12 }, async (_, index) => {
    const friend = await join(`friend${index + 1}`, 'rita');
    await load(friend, '100.00');
    const asked: string[] = [];
    for (let question = 1; question <= (index < 9 ? 4 : 3); question += 1) {
      asked.push(await send(friend, paula, 'PER_MESSAGE', `How far should I run on day ${question}?`));
      await reply(paula, asked.at(-1) ?? '', 'Ten kilometres, slower than you think.');
    }
    return asked;
  });
  const [[firstAsked = ''] = []] = await Promise.all(friends);
  await judge('referral/rewards/:rewardId/clawback', { rewardId: rewardIdOf(firstAsked, rita.userId) });

  // Alice's own referrals: 142 clicks, 17 signups, of whom 5 paid once.
  const click = () => perform('POST /referral/click/:code', { params: { code: 'alice123' } });
  // Clicks take no key: those of an interrupted story count.
  const clicked = await commands.service.events.readStream(referralClicksStream(alice.userId), { limit: CLICKS });
  await Promise.all(Array.from({ length: CLICKS - clicked.length }, click));
  const guests = await Promise.all(Array.from({ length: 17 }, (_, index) => join(`guest${index + 1}`, 'alice123')));
  const payers = guests.slice(0, 5).map(async (guest) => {
    await load(guest, '25.00');
    await reply(paula, await send(guest, paula, 'PER_MESSAGE', 'Which shoes?'), 'The ones that fit.');
  });
  await Promise.all(payers);

  // Today: single payment for a conversation at 5.00, seven questions wait; a new creator has just begun.
  // They expire after a year only, so that the numbers stay the same.
  clock.goTo(began + STORY_LENGTH - HOUR);
  const patience = { params: { key: 'dm.timeout_hours' }, body: { value: 24 * 365, reason: 'demonstration' } };
  await perform('PUT /admin/config/:key', { as: asAdmin, ...patience });
  await commands.catchUp();
  await configure(alice, 'SINGLE_PAY', 5);
  for (const fan of fans.slice(0, 7)) await send(fan, alice, 'SINGLE_PAY', 'Can I freeze the soup?');
  clock.arrive();
  const fred = await upgrade(await join('fred'), 'Fred', 'New here.');
  await commands.catchUp();
  return { creator: alice, fresh: fred, platinum: paula, fan: fanOf(8), referrer: rita, admin };
}
