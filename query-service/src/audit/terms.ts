/** What an event is found by: what it names, as small integers that the index holds. */
import { categoryOf } from '@creator-dashboards/shared/events/index';
import type { EventMetadata, RecordedEvent, RoutingKeys } from '@creator-dashboards/shared/ports';
import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { ifReadable } from './show.js';

/** The filters of a search that each name one value. */
export type Filter =
  | ('eventId' | 'stream' | 'category' | 'type' | 'actor' | 'correlationId' | 'causationId')
  | ('creatorId' | 'userId' | 'configKey' | 'about');

export const FILTERS: readonly Filter[] = [
  ...(['eventId', 'stream', 'category', 'type', 'actor', 'correlationId', 'causationId'] as const),
  ...(['creatorId', 'userId', 'configKey', 'about'] as const),
];

/** A filter with its value. `about` is the id of a message, payout, link or reward. */
export type Name = readonly [filter: Filter, value: string];

/** A routing key, and the filter that finds the event by it. */
const FILTER_OF: Readonly<Record<keyof RoutingKeys, Filter>> = {
  userId: 'userId',
  fanId: 'userId',
  creatorUserId: 'userId',
  ownerId: 'userId',
  creatorId: 'creatorId',
  configKey: 'configKey',
  messageId: 'about',
  payoutId: 'about',
  linkId: 'about',
  rewardId: 'about',
};

/** A wallet names in its data the message or payout that it moves money for. */
const ABOUT = ['messageId', 'payoutId', 'linkId', 'rewardId'] as const;

/**
 * Everything that an event is found by. A person is found by every event that names her, in whatever part; an actor without a user id
 * by its role. Of an event whose metadata cannot be read, only what stands beside them.
 */
export function namesOf(event: RecordedEvent): Name[] {
  const names: Name[] = [
    ['eventId', event.id],
    ['stream', event.stream],
    ['category', categoryOf(event.stream)],
    ['type', event.type],
  ];
  const metadata = ifReadable(() => event.metadata) as Partial<EventMetadata> | null;
  if (metadata === null || typeof metadata !== 'object') return names;
  const { actor, keys, $correlationId, $causationId } = metadata;
  const add = (filter: Filter, value: unknown) => {
    if (typeof value === 'string' && !names.some(([name, its]) => name === filter && its === value))
      names.push([filter, value]);
  };
  add('actor', actor?.userId ?? actor?.role);
  add('correlationId', $correlationId);
  add('causationId', $causationId);
  for (const [key, value] of Object.entries(keys ?? {}))
    if (Object.hasOwn(FILTER_OF, key)) add(FILTER_OF[key as keyof RoutingKeys], value);
  const data: Partial<Record<string, unknown>> | null = ifReadable(() => event.data);
  for (const key of ABOUT) add('about', data?.[key]);
  return names;
}

/** A name as the index has it: 48 bits of its hash. Two names may have the same one, so what is found by it must be looked at. */
export function termOf([filter, value]: Name): number {
  const text = `${filter}\0${value}`;
  let term = remembered.get(text);
  if (term === undefined) {
    term = Number.parseInt(hash('sha256', text, 'hex').slice(0, 12), 16);
    remembered.set(text, term);
  }
  return term;
}

/** Types, categories, staff and busy creators come again and again. */
const remembered = new LRUCache<string, number>({ max: 10_000 });
