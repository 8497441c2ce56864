/** What something is, and where to look at it: an id, a name, a referral code, or an e-mail address, of which only digests are kept. */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import { accessorOf } from '@creator-dashboards/shared/access/record';
import { idText } from '@creator-dashboards/shared/http/fields';
import { API_PREFIX, route, type Route } from '@creator-dashboards/shared/http/route';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { z } from 'zod';
import type { Owners } from '../reads/owners.js';
import { named, searchFirst, type Searched } from './search.js';
import { ifReadable } from './show.js';
import type { Filter } from './terms.js';

export interface Lookup extends Searched {
  readonly owners: Owners;
  readonly access: Pick<AccessLog, 'searched'>;
}

/** Ids that an event is `about`, by their name in its keys or data. */
const KIND_OF = { messageId: 'message', payoutId: 'payout', linkId: 'link', rewardId: 'reward' } as const;

const itemSchema = z.strictObject({
  kind: z.enum(['event', 'user', 'creator', 'actor', 'correlation', ...Object.values(KIND_OF)]),
  id: z.string(),
  href: z.string().describe('the path that answers more'),
});
export type Item = z.output<typeof itemSchema>;

export function lookupRoutes(lookup: Lookup): Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/search',
      summary: 'What an id, a username, a referral code or an e-mail address is, and where to look at it',
      who: 'auditor',
      asks: true,
      limit: 'usual',
      body: z.strictObject({ q: z.string().trim().min(1).max(320) }),
      data: z.strictObject({ items: z.array(itemSchema) }),
      errors: ['admin.events.catching_up'],
      async handle(request) {
        const { q } = request.body;
        await lookup.access.searched(accessorOf(request), 'POST /admin/search', { [kindOf(q)]: q.toLowerCase() });
        return { data: { items: await itemsOf(lookup, q) } };
      },
    }),
  ];
}

const kindOf = (q: string) => (idText.safeParse(q).success ? 'id' : q.includes('@') ? 'email' : 'name');

/** Nothing for what nobody has, or had before she was erased. Throws Refused `admin.events.catching_up`, KeyMissing. */
export async function itemsOf(lookup: Lookup, q: string): Promise<Item[]> {
  const kind = kindOf(q);
  if (kind === 'id') return itemsWith(lookup, q.toLowerCase());
  const owner = await (kind === 'email' ? lookup.owners.ofEmail(q) : lookup.owners.ofName(q));
  return owner === null ? [] : personOf(lookup, owner);
}

/** One id may be several things: an id that a caller chose names a request as well. */
async function itemsWith(lookup: Lookup, id: string): Promise<Item[]> {
  const items = [...(await personOf(lookup, id)), ...(await creatorWith(lookup, id))];
  if (items.length === 0 && (await foundBy(lookup, 'actor', id)))
    items.push(item('actor', id, `/admin/events?actor=${id}`));
  if (await foundBy(lookup, 'eventId', id)) items.push(item('event', id, `/admin/events/${id}`));
  if (await foundBy(lookup, 'correlationId', id)) items.push(item('correlation', id, `/admin/correlations/${id}`));
  const about = await foundBy(lookup, 'about', id);
  const named = about && { ...ifReadable(() => about.data), ...ifReadable(() => about.metadata)?.keys };
  for (const [key, kind] of Object.entries(KIND_OF))
    if (named?.[key as keyof typeof KIND_OF] === id) items.push(item(kind, id, `/admin/events?about=${id}`));
  return items;
}

/** An account, with its creator if it has one. A reservation may name an account that was never made. */
async function personOf(lookup: Lookup, userId: string): Promise<Item[]> {
  if (!(await isStream(lookup, `user-${userId}`))) return [];
  const person = item('user', userId, `/admin/events?userId=${userId}`);
  return [person, ...(await creatorWith(lookup, creatorIdOf(userId)))];
}

async function creatorWith(lookup: Lookup, creatorId: string): Promise<Item[]> {
  const isCreator = await isStream(lookup, `creator-${creatorId}`);
  return isCreator ? [item('creator', creatorId, `/admin/events?creatorId=${creatorId}`)] : [];
}

const item = (kind: Item['kind'], id: string, path: string): Item => ({ kind, id, href: API_PREFIX + path });

const isStream = async ({ events }: Lookup, stream: string) =>
  (await events.readStream(stream, { limit: 1 })).length > 0;

const foundBy = (lookup: Lookup, filter: Filter, value: string) => searchFirst(lookup, named([[filter, value]]));
