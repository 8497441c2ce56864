/** People who register, log in and change their accounts, on the whole service: the starting point of the account tests. */
import { newId } from '@creator-dashboards/shared/ids';
import type { Actor } from '@creator-dashboards/shared/ports';
import { reservation } from '../../src/domain/reservation.js';
import { reservationStream, type ReservationCategory } from '@creator-dashboards/shared/reservations';
import { user, userStream } from '../../src/domain/user.js';
import { features } from '../../src/features/features.js';
import { nameDigest } from '../../src/commands/names.js';
import { emailDigest } from '../../src/commands/register-user.js';
import { processBeside, type Ports } from '../support/another-process.js';
import { createHarness } from '../support/harness.js';

export const admin: Actor & { readonly userId: string } = { userId: newId(), role: 'ADMIN' };
export const PASSWORD = 'Correct-horse-1';

export type Person = Actor & { readonly userId: string };
export type People = Awaited<ReturnType<typeof openPeople>>;

/** A body that registers someone new; every field can be overridden. */
export function registration(given: Record<string, unknown> = {}): Record<string, unknown> {
  const email = `${newId()}@example.org`;
  return { email, password: PASSWORD, acceptTerms: true, acceptPrivacy: true, ...given };
}

/** A name that nobody has. */
export const someName = () => `u${newId().replaceAll('-', '').slice(-20)}`;

export const as = (userId: string): Person => ({ userId, role: 'USER' });

export async function openPeople(options: Omit<Parameters<typeof createHarness>[0], 'features'> = {}) {
  const h = await createHarness({ ...options, features });
  await h.catchUp(); // Policies start on an empty log.
  const { service } = h;

  const ownerOf = async (category: ReservationCategory, digest: string) =>
    (await service.commands.load(reservation, reservationStream(category, digest))).state.ownerId;

  return {
    ...h,
    async register(given: Record<string, unknown> = {}, key?: string): Promise<Person> {
      const { userId } = await h.data('POST /auth/register', { body: registration(given), ...(key && { key }) });
      return as(userId as string);
    },
    rename: (who: Actor, username: string, key?: string) =>
      h.call('PATCH /users/username', { as: who, body: { username }, ...(key && { key }) }),
    admit: (action: 'suspend' | 'reinstate' | 'erase', userId: string) =>
      h.call(`POST /admin/users/:userId/${action}`, { as: admin, params: { userId }, body: { reason: 'decided' } }),
    config: (key: string, value: unknown) =>
      h.call('PUT /admin/config/:key', { as: admin, params: { key }, body: { value, reason: 'a test' } }),
    account: async ({ userId }: { userId: string }) => (await service.commands.load(user, userStream(userId))).state,
    /** Who has it reserved; null for nobody. */
    owner: {
      email: (email: string) => ownerOf('email', emailDigest(service, email)),
      name: (name: string) => ownerOf('name', nameDigest(service, name)),
    },
    /** Moves the clock forward, does what is due, and lets all policies and look-ups see the result. */
    async pass(ms: number): Promise<void> {
      await h.advance(ms);
      await h.tick();
      await h.catchUp();
    },
  };
}

/** Another process on the same log and stores, with its own ports where given; it runs no feed. */
export const anotherProcess = ({ service }: Pick<People, 'service'>, ports?: Ports) =>
  processBeside(service, features, ports);
