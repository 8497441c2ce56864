/**
 * What people of the demonstration do, each act a command. Every command has an Idempotency-Key, so an interrupted story is told again
 * from the beginning, at the same times, and changes nothing twice.
 */
import { callRoute, type Call } from '@creator-dashboards/command-service/http/call-route';
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { Actor } from '@creator-dashboards/shared/ports';
import { MINUTE } from '@creator-dashboards/shared/time';
import type { StoryClock } from './clock.js';
import type { Person } from './file.js';

export type CreatorPerson = Person & { readonly creatorId: string };

/** Who is there before the first person of staff: grants her the role. */
const host: Actor = { userId: derivedId('demo', 'host'), role: 'ADMIN' };
const as = ({ userId }: Person): Actor => ({ userId, role: 'USER' });

export type Acts = ReturnType<typeof createActs>;

export function createActs({ routes }: Pick<RunningCommandService, 'routes'>, clock: StoryClock) {
  const performed = new Map<string, number>();
  let judging = host;

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

  /** As an admin. */
  async function judge(path: string, params: Record<string, string>, body: object = {}): Promise<void> {
    await perform(`POST /admin/${path}`, { as: judging, params, body: { reason: 'demonstration', ...body } });
  }

  async function join(name: string, referralCode?: string): Promise<Person> {
    const body = {
      email: `${name}@demo.example`,
      password: 'Demo-password-1',
      acceptTerms: true,
      acceptPrivacy: true,
      username: name,
      displayName: (name[0]?.toUpperCase() ?? '') + name.slice(1).replace(/\d+$/, ''),
      ...(referralCode && { referralCode }),
    };
    const { userId } = await perform<{ userId: string }>('POST /auth/register', { body });
    clock.pass(20 * MINUTE);
    return { userId, creatorId: null };
  }

  return {
    perform,
    as,
    judge,
    join,

    async joinStaff(name: string, role: 'ADMIN' | 'AUDITOR'): Promise<Person> {
      const person = await join(name);
      await judge('users/:userId/staff/grant', { userId: person.userId }, { role });
      if (role === 'ADMIN') judging = { userId: person.userId, role };
      return person;
    },

    async upgrade(person: Person, displayName: string, bio: string): Promise<CreatorPerson> {
      const body = { displayName, bio };
      const { creatorId } = await perform<{ creatorId: string }>('POST /creators/upgrade', { as: as(person), body });
      return { ...person, creatorId };
    },

    async load(fan: Person, amount: string): Promise<void> {
      const { sessionId } = await perform<{ sessionId: string }>('POST /wallet/load', {
        as: as(fan),
        body: { amount },
      });
      const body = { id: `demo-payment-${sessionId}`, type: 'checkout.completed', sessionId, amount };
      await perform('POST /webhooks/payments', { body });
    },

    async configure(creator: CreatorPerson, dmType: string, dmPrice?: number): Promise<void> {
      const body = { dmType, dmActive: true, ...(dmPrice !== undefined && { dmPrice }) };
      const params = { creatorId: creator.creatorId };
      await perform('PATCH /creators/:creatorId/dm-config', { as: as(creator), params, body });
    },

    async send(fan: Person, to: Person, dmType: string, content: string): Promise<string> {
      const body = { creatorId: to.creatorId, dmType, content };
      const { messageId } = await perform<{ messageId: string }>('POST /messages', { as: as(fan), body });
      clock.pass(2 * MINUTE);
      return messageId;
    },

    async reply(creator: Person, id: string, content: string): Promise<void> {
      await perform('POST /messages/:id/reply', { as: as(creator), params: { id }, body: { content } });
      clock.pass(5 * MINUTE);
    },

    async setConfig(key: string, value: unknown): Promise<void> {
      await perform('PUT /admin/config/:key', {
        as: judging,
        params: { key },
        body: { value, reason: 'demonstration' },
      });
    },
  };
}
