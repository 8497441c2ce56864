/** A service with the creator routes, and Alice, who upgrades in it. */
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { bioPageIdOf, creatorIdOf, type CreatorId } from '@creator-dashboards/shared/ids';
import type { Actor } from '@creator-dashboards/shared/ports';
import { CONFIG_STREAM } from '../../src/domain/platform-config.js';
import { creators } from '../../src/features/creator.js';
import { happened, person } from '../money/people.js';
import { createHarness, type Harness } from '../support/harness.js';

export { admin, happened, person } from '../money/people.js';

type Options = Partial<Parameters<typeof createHarness>[0]>;

export async function start(options: Options = {}): Promise<Harness> {
  const h = await createHarness({ features: [creators], ...options });
  await h.catchUp(); // Every policy has its checkpoint before the first event.
  return h;
}

export interface CreatorPerson {
  readonly as: Actor & { readonly userId: string };
  readonly userId: string;
  readonly creatorId: CreatorId;
  readonly bioPageId: string;
  readonly stream: string;
  /** Path parameters of this creator's routes. */
  readonly params: { readonly creatorId: string };
}

let people = 0;

/** Someone who became a creator through the route. */
export async function becomeCreator(h: Harness, username = `maker${(people += 1)}`): Promise<CreatorPerson> {
  const as = await person(h);
  await h.call('POST /creators/upgrade', { as, body: { displayName: 'Alice', bio: 'I paint.', username } });
  return creatorPerson(as);
}

export function creatorPerson(as: Actor & { readonly userId: string }): CreatorPerson {
  const { userId } = as;
  const creatorId = creatorIdOf(userId);
  const stream = `creator-${creatorId}`;
  return { as, userId, creatorId, bioPageId: bioPageIdOf(userId), stream, params: { creatorId } };
}

/** Appends events to the creator's own stream, past the decider. */
export function known(h: Harness, { stream, userId, creatorId }: CreatorPerson, ...events: DomainEvent[]) {
  return happened(h, stream, { userId, creatorId }, events);
}

/** Sets a config value that the service sees at once. */
export async function configured(h: Harness, key: string, value: unknown): Promise<void> {
  const data = { key, value: value as never, previous: null };
  await happened(h, CONFIG_STREAM, { configKey: key }, [{ type: 'ConfigValueSet', data }]);
  await h.catchUp();
}
