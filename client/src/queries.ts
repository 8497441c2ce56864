/** Options for TanStack Query: the keys that the platform's front ends use, how the data is got, and how long it is fresh. */
import type { Client } from './client.js';
import type { LiveView } from './live.js';
import type { Args, DataOf, PathOf } from './operations.js';

export const creatorKeys = {
  dashboard: () => ['creators', 'dashboard'] as const,
  profile: () => ['creators', 'profile'] as const,
  dmConfig: (creatorId: string) => ['creators', creatorId, 'dm-config'] as const,
  bio: (creatorId: string) => ['creators', creatorId, 'bio'] as const,
  vacation: (creatorId: string) => ['creators', creatorId, 'vacation'] as const,
  payoutSettings: () => ['creators', 'payout-settings'] as const,
  kycStatus: () => ['creators', 'kyc', 'status'] as const,
  stripeStatus: () => ['creators', 'stripe-connect', 'status'] as const,
  social: () => ['creators', 'social'] as const,
};
export const userKeys = {
  me: () => ['users', 'me'] as const,
  blocked: (page: Asking<'/users/blocked'> = {}) => ['users', 'blocked', page] as const,
};
export const messageKeys = {
  list: (filter: Asking<'/messages'> = {}) => ['messages', 'list', filter] as const,
  search: (asked: Asking<'/messages/search'>) => ['messages', 'search', asked] as const,
  one: (id: string) => ['messages', id] as const,
};
export const bioKeys = {
  public: (username: string) => ['bio', username] as const,
};
export const referralKeys = {
  dashboard: () => ['referral', 'dashboard'] as const,
};

/** What a list is asked with. */
type Asking<P extends PathOf<'get'>> = NonNullable<Asks<NonNullable<Args<P, 'get'>[0]>>>;
type Asks<O> = O extends { readonly query?: infer Q } ? Q : never;

interface Asked {
  readonly signal?: AbortSignal;
}

/** How long data is fresh that nothing pushes, in milliseconds. */
const ACTIVE_MS = 30_000;
const QUIET_MS = 60_000;

/** `useQuery(queries.creatorDashboard())`. With `isLive`, where `followQueries` keeps it fresh, nothing is got again by time. */
export function createQueries(client: Pick<Client, 'get'>, { isLive = false } = {}) {
  const fresh = (ms: number) => (isLive ? Infinity : ms);
  const query = <K extends readonly unknown[], P extends PathOf<'get'>>(
    queryKey: K,
    staleTime: number,
    path: P,
    ...[asked]: Args<P, 'get'>
  ) => ({
    queryKey,
    queryFn: ({ signal }: Asked = {}): Promise<DataOf<P, 'get'>> =>
      client.get(path, ...([{ ...asked, signal }] as unknown as Args<P, 'get'>)),
    staleTime,
  });
  return {
    creatorDashboard: () => query(creatorKeys.dashboard(), fresh(ACTIVE_MS), '/creators/dashboard'),
    creatorProfile: () => query(creatorKeys.profile(), fresh(QUIET_MS), '/creators/profile'),
    referralDashboard: () => query(referralKeys.dashboard(), fresh(ACTIVE_MS), '/referral/dashboard'),
    dmConfig: (creatorId: string) => ({
      ...query(creatorKeys.dmConfig(creatorId), QUIET_MS, '/creators/{creatorId}/dm-config', { params: { creatorId } }),
      enabled: creatorId !== '',
    }),
    bio: (creatorId: string) => ({
      ...query(creatorKeys.bio(creatorId), QUIET_MS, '/creators/{creatorId}/bio', { params: { creatorId } }),
      enabled: creatorId !== '',
    }),
    vacation: (creatorId: string) => ({
      ...query(creatorKeys.vacation(creatorId), QUIET_MS, '/creators/{creatorId}/vacation', { params: { creatorId } }),
      enabled: creatorId !== '',
    }),
    payoutSettings: () => query(creatorKeys.payoutSettings(), QUIET_MS, '/creators/payout-settings'),
    kycStatus: () => query(creatorKeys.kycStatus(), QUIET_MS, '/creators/kyc/status'),
    stripeStatus: () => query(creatorKeys.stripeStatus(), QUIET_MS, '/creators/stripe-connect/status'),
    social: () => query(creatorKeys.social(), QUIET_MS, '/creators/social'),
    publicBio: (username: string) =>
      query(bioKeys.public(username), QUIET_MS, '/bio/{username}', { params: { username } }),
    me: () => query(userKeys.me(), QUIET_MS, '/users/me'),
    blocked: (page: Asking<'/users/blocked'> = {}) =>
      query(userKeys.blocked(page), QUIET_MS, '/users/blocked', { query: page }),
    messages: (filter: Asking<'/messages'> = {}) =>
      query(messageKeys.list(filter), ACTIVE_MS, '/messages', { query: filter }),
    messageSearch: (asked: Asking<'/messages/search'>) =>
      query(messageKeys.search(asked), ACTIVE_MS, '/messages/search', { query: asked }),
    message: (id: string) => query(messageKeys.one(id), ACTIVE_MS, '/messages/{id}', { params: { id } }),
  };
}

/** What is used of a QueryClient. */
export interface QueryCache {
  setQueryData(queryKey: readonly string[], data: unknown): unknown;
  invalidateQueries(filters: { queryKey: readonly string[] }): unknown;
}

const KEYS: Readonly<Record<LiveView, readonly string[]>> = {
  creatorDashboard: creatorKeys.dashboard(),
  creatorProfile: creatorKeys.profile(),
  referralDashboard: referralKeys.dashboard(),
};

/** Keeps the cache at what is pushed; returns what ends it. */
export function followQueries(
  client: Pick<Client, 'subscribe'>,
  cache: QueryCache,
  views: readonly LiveView[] = ['creatorDashboard', 'referralDashboard'],
): () => void {
  return client.subscribe({
    views,
    onData: (view, data) => void cache.setQueryData(KEYS[view], data),
    // The GET is refused for the same reason.
    onMissing: (view) => void cache.invalidateQueries({ queryKey: KEYS[view] }),
  });
}
