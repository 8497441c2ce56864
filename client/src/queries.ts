/** Options for TanStack Query: the keys that the platform's front ends use, how the data is got, and how long it is fresh. */
import type { Client } from './client.js';
import type { LiveView } from './live.js';

export const creatorKeys = {
  dashboard: () => ['creators', 'dashboard'] as const,
  profile: () => ['creators', 'profile'] as const,
  dmConfig: (creatorId: string) => ['creators', creatorId, 'dm-config'] as const,
};
export const referralKeys = {
  dashboard: () => ['referral', 'dashboard'] as const,
};

interface Asked {
  readonly signal?: AbortSignal;
}

/** How long data is fresh that nothing pushes, in milliseconds. */
const ACTIVE_MS = 30_000;
const QUIET_MS = 60_000;

/** `useQuery(queries.creatorDashboard())`. With `isLive`, where `followQueries` keeps it fresh, nothing is got again by time. */
export function createQueries(client: Pick<Client, 'get'>, { isLive = false } = {}) {
  const fresh = (ms: number) => (isLive ? Infinity : ms);
  return {
    creatorDashboard: () => ({
      queryKey: creatorKeys.dashboard(),
      queryFn: ({ signal }: Asked = {}) => client.get('/creators/dashboard', { signal }),
      staleTime: fresh(ACTIVE_MS),
    }),
    creatorProfile: () => ({
      queryKey: creatorKeys.profile(),
      queryFn: ({ signal }: Asked = {}) => client.get('/creators/profile', { signal }),
      staleTime: fresh(QUIET_MS),
    }),
    dmConfig: (creatorId: string) => ({
      queryKey: creatorKeys.dmConfig(creatorId),
      queryFn: ({ signal }: Asked = {}) =>
        client.get('/creators/{creatorId}/dm-config', { params: { creatorId }, signal }),
      enabled: creatorId !== '',
      staleTime: QUIET_MS,
    }),
    referralDashboard: () => ({
      queryKey: referralKeys.dashboard(),
      queryFn: ({ signal }: Asked = {}) => client.get('/referral/dashboard', { signal }),
      staleTime: fresh(ACTIVE_MS),
    }),
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
