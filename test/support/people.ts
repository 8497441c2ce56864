/** People of the journeys, and what they usually do first. Everything goes through the API. */
import type { ReferralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import type { DmConfigBody } from '@creator-dashboards/shared/views/dm-config/body';
import type { ProfileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import type { DashboardBody } from '@creator-dashboards/shared/views/creator-dashboard/body';
import { expect } from 'chai';
import type { Answer, Caller, TestSystem } from './system.js';

export interface Person extends Caller {
  readonly userId: string;
  readonly email: string;
  readonly username: string;
}

export interface Creator extends Person {
  readonly creatorId: string;
}

export const PASSWORD = 'Correct-horse-7';

export function registration(username: string, extra: object = {}) {
  return {
    email: `${username}@example.org`,
    password: PASSWORD,
    acceptTerms: true,
    acceptPrivacy: true,
    username,
    displayName: username,
    ...extra,
  };
}

export async function register(system: TestSystem, username: string, referralCode?: string): Promise<Person> {
  const body = registration(username, referralCode === undefined ? {} : { referralCode });
  const response = await system.anybody.post('/auth/register', body);
  expect(response.status, JSON.stringify(response.body)).to.equal(201);
  const { userId } = response.body.data as Answer;
  return { userId, email: body.email, username, ...system.as(userId) };
}

export async function creator(system: TestSystem, username: string): Promise<Creator> {
  const person = await register(system, username);
  const response = await person.post('/creators/upgrade', { displayName: username });
  expect(response.status, JSON.stringify(response.body)).to.equal(201);
  return { ...person, creatorId: (response.body.data as Answer).creatorId };
}

/** A creator whose DMs are on; the price stays out for FREE. */
export async function creatorWithDms(system: TestSystem, username: string, dmType: string, dmPrice?: number) {
  const person = await creator(system, username);
  await setDms(person, { dmType, dmPrice, dmActive: true });
  return person;
}

export async function setDms(
  person: Creator,
  config: { dmType: string; dmPrice?: number | undefined; dmActive: boolean },
): Promise<void> {
  const { status, body } = await person.patch(`/creators/${person.creatorId}/dm-config`, config);
  expect(status, JSON.stringify(body)).to.equal(200);
}

/** A fan with this much to spend, paid for by webhook. */
export async function fanWith(system: TestSystem, username: string, amount: string, code?: string): Promise<Person> {
  const fan = await register(system, username, code);
  await load(system, fan, amount);
  return fan;
}

let webhooks = 0;
/** An id that no webhook had yet. */
export const webhookId = (): string => `webhook-${(webhooks += 1)}`;

export async function load(system: TestSystem, fan: Person, amount: string): Promise<void> {
  const started = await fan.post('/wallet/load', { amount });
  expect(started.status, JSON.stringify(started.body)).to.equal(201);
  const { sessionId } = started.body.data as Answer;
  const paid = { id: webhookId(), type: 'checkout.completed', sessionId, amount };
  expect((await system.provider.post('/webhooks/payments', paid)).status).to.equal(200);
}

/** Sends a message of the type that its creator accepts; answers its id. */
export async function send(fan: Person, to: Creator, dmType: string, content: string): Promise<string> {
  const { status, body } = await fan.post('/messages', { creatorId: to.creatorId, dmType, content });
  expect(status, JSON.stringify(body)).to.equal(201);
  return (body.data as Answer).messageId;
}

export async function reply(person: Creator, messageId: string): Promise<string> {
  const { status, body } = await person.post(`/messages/${messageId}/reply`, { content: 'Thank you!' });
  expect(status, JSON.stringify(body)).to.equal(200);
  return (body.data as Answer).position;
}

/** A message that was sent and answered, and so earned its creator the price less commission. */
export async function answered(fan: Person, to: Creator, dmType: string, content: string): Promise<string> {
  const messageId = await send(fan, to, dmType, content);
  await reply(to, messageId);
  return messageId;
}

/** All that a payout asks of a creator, but the money. */
export async function mayBePaid(system: TestSystem, person: Creator): Promise<void> {
  const bank = { iban: 'DE89370400440532013000', preferredPayoutMethod: 'BANK_TRANSFER' };
  await person.patch('/creators/bank-details', bank);
  const { sessionId } = (await person.post('/creators/kyc/start')).body.data as Answer;
  await system.provider.post('/webhooks/kyc', { id: webhookId(), sessionId, status: 'APPROVED' });
  const reason = 'checked';
  await system.admin.post(`/admin/creators/${person.creatorId}/tax-form`, { reason });
  await system.admin.post(`/admin/creators/${person.creatorId}/bank-account/verify`, { reason });
}

/** `data` of a read that must include everything up to `position`. */
export async function read<T = Readonly<Record<string, unknown>>>(
  person: Caller,
  path: string,
  position: string,
): Promise<T> {
  const { status, headers, body } = await person.get(path, { 'Read-After': position });
  expect(status, `${path} ${JSON.stringify(body)}`).to.equal(200);
  expect(headers, path).to.not.have.property('x-stale');
  expect(BigInt(headers['x-position'] ?? '-1') >= BigInt(position), `${path} is behind`).to.equal(true);
  return body.data as T;
}

/** All four dashboards of a creator, read at once, each including everything up to `position`. */
export async function dashboards(person: Creator, position: string) {
  const [dashboard, profile, dmConfig, referral] = await Promise.all([
    read<DashboardBody>(person, '/creators/dashboard', position),
    read<ProfileBody>(person, '/creators/profile', position),
    read<DmConfigBody>(person, `/creators/${person.creatorId}/dm-config`, position),
    read<ReferralBody>(person, '/referral/dashboard', position),
  ]);
  return { dashboard, profile, dmConfig, referral };
}
