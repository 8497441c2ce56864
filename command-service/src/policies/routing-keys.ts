import type { Recorded } from '@creator-dashboards/shared/events/index';
import type { RoutingKeys } from '@creator-dashboards/shared/ports';

/** Whose an event is, by these of its routing keys. Throws where its metadata lacks one: the event parks its key then. */
export function routingKeys<K extends keyof RoutingKeys>(
  { type, metadata }: Recorded,
  ...names: readonly K[]
): Readonly<Record<K, string>> {
  const found = names.map((name) => {
    const key = metadata.keys[name];
    if (!key) throw new Error(`${type} does not say whose it is: it has no ${name}`);
    return [name, key];
  });
  return Object.fromEntries(found) as Record<K, string>;
}
