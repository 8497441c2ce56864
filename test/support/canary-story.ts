/**
 * A fan, a creator and a referrer who leave a canary wherever a person, or an admin about her, can type something; with them some others
 * who stay. What they all do is done through the API.
 */
import type { Canaries } from './canaries.js';
import { judgeAll, operate, payOut, readAll } from './canary-staff.js';
import { creatorWithDms, register, setDms, type Creator } from './people.js';
import {
  because,
  iban,
  page,
  stageOf,
  text,
  word,
  type Ask,
  type Cast,
  type Registered,
  type Stage,
} from './planting.js';
import type { Answer, TestSystem } from './system.js';

export interface Story extends Cast {
  /** A payout of the creator that her bank has not answered yet. */
  readonly payoutId: string;
  readonly ask: Ask;
}

export async function tellStory(system: TestSystem, canaries: Canaries): Promise<Story> {
  const stage = stageOf(system, canaries);
  const referrer = await refer(stage);
  const fan = await join(stage, referrer);
  const creator = await present(stage);
  const bystander = await creatorWithDms(system, 'bystander', 'PER_MESSAGE', 20);
  const cast = { fan, creator, referrer, bystander };
  await write(stage, cast);
  await judgeAll(stage, cast);
  const payoutId = await payOut(stage, cast);
  await operate(stage, cast);
  await readAll(stage, cast);
  return { ...cast, payoutId, ask: stage.ask };
}

async function registered({ system, canaries, ask }: Stage, body: object): Promise<Registered> {
  const route = 'POST /auth/register';
  const email = canaries.text(`${route} body.email`, (core) => `${core}@Mail.example`);
  const password = canaries.text(`${route} body.password`, (core) => `Pw-${core}-7`);
  const consent = { acceptTerms: true, acceptPrivacy: true };
  const { userId } = await ask(system.anybody, route, '/auth/register', { email, password, ...consent, ...body });
  return { userId, email, password, ...system.as(userId) };
}

/** Somebody whose name others know. */
async function refer(stage: Stage): Promise<Cast['referrer']> {
  const { system, canaries, ask, headers } = stage;
  const firstName = canaries.text('POST /auth/register body.username', word);
  const referrer = await registered(stage, { username: firstName, displayName: text });
  await ask(referrer, 'GET /referral/link', '/referral/link');
  const { username: code } = await ask(referrer, 'PATCH /users/username', '/users/username', { username: word });
  for (const [route, path] of [
    ['POST /referral/click/:code', `/referral/click/${code}`],
    ['GET /ref/:code', `/ref/${code}`],
    ['GET /:username', `/${code}`],
    ['GET /bio/:username', `/api/v1/bio/${code}`],
  ] as const) {
    canaries.add(`${route} params.${route.split(':')[1]}`, code);
    if (route.startsWith('POST')) await ask(system.anybody, route, path);
    else await system.browse(path, headers());
  }
  await ask(referrer, 'POST /users/delete', '/users/delete', { ...because, forfeit: true });
  await ask(referrer, 'POST /users/reactivate', '/users/reactivate');
  return { ...referrer, code, firstName };
}

/** Somebody who follows a referral, as others do who stay, and has money to spend. */
async function join(stage: Stage, { code, firstName }: Cast['referrer']): Promise<Registered> {
  const { system, canaries, ask } = stage;
  canaries.add('POST /auth/register body.referralCode', code);
  const fan = await registered(stage, { displayName: text, username: word, referralCode: code });
  await register(system, 'other', code); // stays, and has typed the referrer's name
  await register(system, 'late', firstName);
  await ask(system.anybody, 'POST /auth/login', '/auth/login', { email: fan.email, password: fan.password });
  const wrong = canaries.text('POST /auth/login body.password', word);
  await ask(system.anybody, 'POST /auth/login', '/auth/login', { email: fan.email, password: wrong }, 401);
  const nobody = canaries.text('POST /auth/login body.email', (core) => `${core}@mail.example`);
  await ask(system.anybody, 'POST /auth/login', '/auth/login', { email: nobody, password: wrong }, 401);
  const current = canaries.add('POST /auth/password body.currentPassword', fan.password);
  const chosen = { currentPassword: current, newPassword: (core: string) => `Pw-${core}-8` };
  await ask(fan, 'POST /auth/password', '/auth/password', chosen);
  const address = (route: string) => ({ email: canaries.add(`${route} body.email`, fan.email) });
  for (const path of ['/auth/password/forgot', '/auth/email/resend'])
    await ask(system.anybody, `POST ${path}`, path, address(`POST ${path}`));
  const guessed = { token: word, password: (core: string) => `Pw-${core}-9` };
  await ask(system.anybody, 'POST /auth/password/reset', '/auth/password/reset', guessed, 400);
  await ask(system.anybody, 'POST /auth/email/verify', '/auth/email/verify', { token: word }, 400);
  await ask(fan, 'PATCH /users/avatar', '/users/avatar', { avatarUrl: page });
  const { sessionId } = await ask(fan, 'POST /wallet/load', '/wallet/load', { amount: '200.00' });
  const paid = { type: 'checkout.completed', sessionId, amount: '200.00' };
  await ask(system.provider, 'POST /webhooks/payments', '/webhooks/payments', { id: word, ...paid });
  return fan;
}

/** Somebody with a profile, a bank account and a page. */
async function present(stage: Stage): Promise<Creator> {
  const { system, canaries, ask } = stage;
  const person = await registered(stage, {});
  const upgrade = { displayName: text, bio: text, username: word };
  const { creatorId } = await ask(person, 'POST /creators/upgrade', '/creators/upgrade', upgrade);
  const creator: Creator = { ...person, username: '', creatorId };
  await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 20, dmActive: true });
  await ask(creator, 'PATCH /creators/bank-details', '/creators/bank-details', {
    ...{
      iban,
      bankName: text,
      accountHolderName: text,
      swiftCode: (core: string) => `ZQXJMT${core.toUpperCase().slice(4, 9)}`,
    },
    ...{ bankCountry: 'MT', preferredPayoutMethod: 'BANK_TRANSFER' },
  });
  const kyc = await ask(creator, 'POST /creators/kyc/start', '/creators/kyc/start');
  await ask(system.provider, 'POST /webhooks/kyc', '/webhooks/kyc', {
    ...{ id: word, sessionId: kyc.sessionId, status: 'APPROVED' },
  });
  await ask(creator, 'POST /creators/stripe-connect/initiate', '/creators/stripe-connect/initiate');
  const { accountId } = await ask(
    creator,
    'POST /creators/stripe-connect/refresh-link',
    '/creators/stripe-connect/refresh-link',
  ).then(({ onboardingUrl }: Answer & { onboardingUrl?: string }) => ({
    accountId: onboardingUrl?.split('/').at(-1) ?? '',
  }));
  canaries.add('POST /webhooks/stripe body.accountId', accountId);
  const active = { status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true };
  await ask(system.provider, 'POST /webhooks/stripe', '/webhooks/stripe', { id: word, accountId, ...active });
  await showPage(stage, creator);
  return creator;
}

async function showPage({ ask }: Stage, creator: Creator): Promise<void> {
  const mine = `/creators/${creator.creatorId}`;
  const proof = { platform: 'X', code: word, redirectUri: page, codeVerifier: word };
  await ask(creator, 'POST /creators/social/connect', '/creators/social/connect', proof);
  const style = { themeOverride: { colour: word }, customCss: text };
  await ask(creator, 'PATCH /creators/:creatorId/bio', `${mine}/bio`, { bio: text, ...style });
  const link = { title: text, url: page, icon: word, platform: word, embedType: word, embedMeta: { card: word } };
  const { id } = await ask(creator, 'POST /creators/:creatorId/links', `${mine}/links`, link);
  await ask(creator, 'PATCH /creators/links/:linkId', `/creators/links/${id}`, link);
}

async function write({ system, ask }: Stage, { fan, creator, bystander }: Cast): Promise<void> {
  const { admin } = system;
  async function message(to: Creator = creator, flag = ''): Promise<string> {
    const content = (core: string) => `${core} ${flag}`;
    const body = { creatorId: to.creatorId, dmType: 'PER_MESSAGE', content };
    return (await ask(fan, 'POST /messages', '/messages', body)).messageId;
  }
  const reply = (messageId: string, by = creator) =>
    ask(by, 'POST /messages/:id/reply', `/messages/${messageId}/reply`, { content: by === creator ? text : 'Thanks' });
  const answered = await message();
  await reply(answered);
  await ask(fan, 'POST /messages/:id/rate', `/messages/${answered}/rate`, { rating: 5, comment: text });
  const rejected = await message();
  await ask(creator, 'POST /messages/:id/reject', `/messages/${rejected}/reject`, because);
  const [held, kept] = [await message(creator, 'quarantine-me'), await message(bystander, 'quarantine-me')];
  await ask(admin, 'POST /admin/messages/:messageId/release', `/admin/messages/${held}/release`, because);
  await ask(admin, 'POST /admin/messages/:messageId/refuse', `/admin/messages/${kept}/refuse`, because);
  await reply(held);
  await reply(await message(bystander), bystander);
  const wrong = { id: word, type: 'chargeback', messageId: answered, amount: '1.00' };
  await ask(system.provider, 'POST /webhooks/payments', '/webhooks/payments', wrong);
  const path = `/admin/messages/${answered}/acknowledge`;
  await ask(admin, 'POST /admin/messages/:messageId/acknowledge', path, because);
  const chargeback = { id: word, type: 'chargeback', messageId: held, amount: '20.00' };
  await ask(system.provider, 'POST /webhooks/payments', '/webhooks/payments', chargeback);
}
