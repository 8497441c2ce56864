/** The demonstration data: forty days of a small platform, created by commands. */
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { referralClicksStream } from '@creator-dashboards/command-service/domain/referral-clicks';
import { derivedId, rewardIdOf } from '@creator-dashboards/shared/ids';
import { DAY, HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { createActs, type Acts, type CreatorPerson } from './acts.js';
import type { StoryClock } from './clock.js';
import type { People, Person } from './file.js';
import { COOKING, RUNNING, WAITING } from './talk.js';

export const STORY_LENGTH = 40 * DAY;
const CLICKS = 142;
/** Hours from one question to the next: some days are busy, some are quiet. */
const PAUSES = [2, 9, 1, 20, 4, 3, 26, 1, 7, 14, 5, 31];

/** Rita's, and whom Alice's link brought. */
const FRIENDS = ['anton', 'bea', 'carla', 'dario', 'emil', 'fiona', 'gus', 'hanna', 'ivo', 'jule', 'karim', 'lotte'];
const GUESTS = [
  ...['malik', 'naomi', 'oscar', 'pia', 'quirin', 'rosa', 'sami', 'tilda', 'umar'],
  ...['vera', 'wim', 'xenia', 'yusuf', 'zoe', 'aron', 'britta', 'cem'],
];

interface Stage extends Acts {
  readonly commands: RunningCommandService;
  readonly clock: StoryClock;
}

/** `began`: when the story begins, in milliseconds since the epoch; the same in a repeated run. */
export async function tellStory(commands: RunningCommandService, clock: StoryClock, began: number): Promise<People> {
  const stage: Stage = { ...createActs(commands, clock), commands, clock };
  const { join, joinStaff, upgrade, perform, as } = stage;

  clock.goTo(began);
  const admin = await joinStaff('ada', 'ADMIN');
  const auditor = await joinStaff('otto', 'AUDITOR');
  const alice = await upgrade(await join('alice123'), 'Alice', 'Recipes, honest reviews and the odd bad pun.');
  const paula = await upgrade(await join('paula'), 'Paula', 'Marathon training, one message at a time.');
  const rita = await join('rita');
  await perform('GET /referral/link', { as: as(alice) });
  await perform('GET /referral/link', { as: as(rita) });
  await settleIn(stage, alice);
  const names = ['finn', 'greta', 'hugo', 'ines', 'jonas', 'kira', 'leo', 'mona', 'nils'];
  const fans = await Promise.all(names.map((name) => join(name)));
  await Promise.all(fans.map((fan) => stage.load(fan, '500.00')));
  const fanOf = (turn: number) => fans[turn % fans.length] as Person;

  await answerQuestions(stage, alice, fanOf);
  await payOut(stage, alice);
  await bringFriends(stage, paula, rita);
  await refer(stage, alice, paula);
  const others = await haveTrouble(stage, fanOf);

  // Today: single payment for a conversation at 5.00, each of WAITING waits, another is in quarantine; a new creator has just begun.
  // They expire after a year only, so that the numbers stay the same.
  clock.goTo(began + STORY_LENGTH - HOUR);
  await stage.setConfig('dm.timeout_hours', 24 * 365);
  await commands.catchUp();
  await stage.configure(alice, 'SINGLE_PAY', 5);
  for (const [index, question] of WAITING.entries()) await stage.send(fanOf(index), alice, 'SINGLE_PAY', question);
  await stage.send(fanOf(7), paula, 'PER_MESSAGE', 'Is a text held back that says quarantine-me?');
  clock.arrive();
  const fred = await upgrade(await join('fred'), 'Fred', 'New here.');
  await commands.catchUp();
  return { creator: alice, fresh: fred, platinum: paula, fan: fanOf(8), referrer: rita, admin, auditor, ...others };
}

/** One of these, by turns. */
function talkOf(talks: readonly (readonly [string, string])[], turn: number): readonly [string, string] {
  return talks[turn % talks.length] ?? ['', ''];
}

/** Alice gets what a payout needs, a face and a page. */
async function settleIn({ perform, as, judge }: Stage, alice: CreatorPerson): Promise<void> {
  const { creatorId } = alice;
  const me = { as: as(alice), params: { creatorId } };
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
  await judge('creators/:creatorId/tax-form', { creatorId });
  const bank = {
    iban: 'DE89370400440532013000',
    bankName: 'Demo Bank',
    accountHolderName: 'Alice Example',
    swiftCode: 'DEUTDEFF',
    bankCountry: 'DE',
    preferredPayoutMethod: 'BANK_TRANSFER',
  };
  await perform('PATCH /creators/bank-details', { as: as(alice), body: bank });
  await judge('creators/:creatorId/bank-account/verify', { creatorId });
  const cooking = { id: derivedId('demo', 'category', 'cooking'), name: 'Cooking' };
  await judge('creators/:creatorId/categories', { creatorId }, { categories: [cooking] });
}

/** 38 answered messages in two weeks: 25 at 50.00, 12 at 25.00, 1 at 12.50 are 1562.50, less 20 % commission 1250.00. */
async function answerQuestions(stage: Stage, alice: CreatorPerson, fanOf: (turn: number) => Person): Promise<void> {
  const { perform, as, configure, send, reply, clock } = stage;
  let turn = 0;
  for (const [price, messages] of [
    [50, 25],
    [25, 12],
    [12.5, 1],
  ] as const) {
    await configure(alice, 'PER_MESSAGE', price);
    for (let index = 0; index < messages; index += 1, turn += 1) {
      const fan = fanOf(turn);
      const [question, answer] = talkOf(COOKING, turn);
      const id = await send(fan, alice, 'PER_MESSAGE', question);
      await reply(alice, id, answer);
      const rating = turn % 8 === 0 ? 5 : 4;
      if (turn % 4 === 0) await perform('POST /messages/:id/rate', { as: as(fan), params: { id }, body: { rating } });
      clock.pass((PAUSES[turn % PAUSES.length] ?? 1) * HOUR);
    }
  }
  const refused = await send(fanOf(0), alice, 'PER_MESSAGE', 'Would you cook at my wedding?');
  await perform('POST /messages/:id/reject', { as: as(alice), params: { id: refused }, body: {} });
  await send(fanOf(1), alice, 'PER_MESSAGE', 'Are you there?');
  clock.pass(73 * HOUR);
  await stage.commands.catchUp();
  await stage.commands.tick();
}

/** 900.00 paid out, and reported as failed as well; after the cooldown another request that waits: 350.00 stay in the wallet. */
async function payOut({ perform, as, judge, clock }: Stage, alice: CreatorPerson): Promise<void> {
  const requested = { amount: '900.00', method: 'BANK_TRANSFER' };
  const { payoutId } = await perform<{ payoutId: string }>('POST /payouts/request', { as: as(alice), body: requested });
  await judge('payouts/:payoutId/approve', { payoutId });
  await judge('payouts/:payoutId/process', { payoutId });
  for (const [id, status] of [
    ['demo-payout-1', 'paid'],
    ['demo-payout-2', 'failed'],
  ])
    await perform('POST /webhooks/payouts', { body: { id, payoutId, status } });
  clock.pass(8 * DAY);
  await perform('POST /payouts/request', { as: as(alice), body: { amount: '100.00' } });
}

/** Paula is PLATINUM by an admin's decision. Rita's twelve friends write her: 57 rewards, one taken back. */
async function bringFriends(stage: Stage, paula: CreatorPerson, rita: Person): Promise<void> {
  const { judge, configure, join, load, send, reply, clock } = stage;
  await judge('creators/:creatorId/level', { creatorId: paula.creatorId }, { level: 'PLATINUM' });
  await configure(paula, 'PER_MESSAGE', 20);
  const friends = FRIENDS.map(async (name, index) => {
    const friend = await join(name, 'rita');
    await load(friend, '100.00');
    const asked: string[] = [];
    for (let question = 1; question <= (index < 9 ? 4 : 3); question += 1) {
      const [text, answer] = talkOf(RUNNING, index + question);
      asked.push(await send(friend, paula, 'PER_MESSAGE', text));
      await reply(paula, asked.at(-1) ?? '', answer);
      clock.pass(3 * HOUR);
    }
    return asked;
  });
  const [[firstAsked = ''] = []] = await Promise.all(friends);
  await judge('referral/rewards/:rewardId/clawback', { rewardId: rewardIdOf(firstAsked, rita.userId) });
}

/** Alice's own referrals: 142 clicks, 17 signups, of whom 5 paid once. */
async function refer(stage: Stage, alice: Person, paula: Person): Promise<void> {
  const { perform, join, load, send, reply, clock, commands } = stage;
  // Clicks take no key: those of an interrupted story count.
  const clicked = await commands.service.events.readStream(referralClicksStream(alice.userId), { limit: CLICKS });
  clock.pass(clicked.length * 15 * MINUTE);
  for (let click = clicked.length; click < CLICKS; click += 1) {
    await perform('POST /referral/click/:code', { params: { code: 'alice123' } });
    clock.pass(15 * MINUTE);
  }
  const guests: Person[] = [];
  for (const name of GUESTS) {
    guests.push(await join(name, 'alice123'));
    clock.pass(2 * HOUR);
  }
  for (const [index, guest] of guests.slice(0, 5).entries()) {
    const [question, answer] = talkOf(RUNNING, index);
    await load(guest, '25.00');
    await reply(paula, await send(guest, paula, 'PER_MESSAGE', question), answer);
    clock.pass(3 * HOUR);
  }
}

/** A creator whose wallet is frozen, and two of whom more becomes when the story is over (`endStory`). */
async function haveTrouble(stage: Stage, fanOf: (turn: number) => Person) {
  const { perform, as, join, upgrade, configure, send, reply, judge, clock } = stage;
  async function begin(name: string, displayName: string, bio: string, price: number) {
    const creator = await upgrade(await join(name), displayName, bio);
    await configure(creator, 'PER_MESSAGE', price);
    return creator;
  }
  async function ask(fan: Person, creator: Person, question: string, answer: string): Promise<void> {
    await reply(creator, await send(fan, creator, 'PER_MESSAGE', question), answer);
    clock.pass(2 * HOUR);
  }
  const frozen = await begin('frida', 'Frida', 'Ice swimming for beginners.', 30);
  const degraded = await begin('dora', 'Dora', 'Houseplants that survive me.', 15);
  const erased = await upgrade(await join('erik'), 'Erik', 'Not for long.');
  await ask(fanOf(2), frozen, 'How cold is too cold?', 'When the ladder is.');
  await ask(fanOf(3), degraded, 'Why does my fern sulk?', 'Ferns do.');
  await ask(fanOf(4), frozen, 'Do I need a hat?', 'Two.');
  await judge('wallets/:userId/freeze', { userId: frozen.userId });
  await perform('POST /users/block/:userId', { as: as(frozen), params: { userId: fanOf(5).userId } });
  return { frozen, degraded, erased };
}
