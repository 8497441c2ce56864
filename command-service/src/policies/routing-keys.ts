import type { Recorded } from '@creator-dashboards/shared/events/index';
import { CreatorUserId, type CreatorId, type FanId, type MessageId } from '@creator-dashboards/shared/ids';
import type { RoutingKeys } from '@creator-dashboards/shared/ports';

/** Keys of a branded type, so that they cannot be swapped. */
interface Branded {
  readonly creatorId: CreatorId;
  readonly creatorUserId: CreatorUserId;
  readonly fanId: FanId;
  readonly messageId: MessageId;
}
type Keys<K extends keyof RoutingKeys> = { readonly [N in K]: N extends keyof Branded ? Branded[N] : string };

/** The named routing keys of an event. Throws if its metadata lacks one, which parks the event's key. */
export function routingKeys<K extends keyof RoutingKeys>(
  { type, metadata }: Recorded,
  ...names: readonly K[]
): Keys<K> {
  const found = names.map((name) => {
    const key = metadata.keys[name];
    if (!key) throw new Error(`${type} has no routing key ${name}`);
    return [name, key];
  });
  return Object.fromEntries(found) as Keys<K>;
}

/** The creator that an event is about. */
export function creatorOf(event: Recorded): { readonly userId: CreatorUserId; readonly creatorId: CreatorId } {
  const { userId, creatorId } = routingKeys(event, 'userId', 'creatorId');
  return { userId: CreatorUserId(userId), creatorId };
}
