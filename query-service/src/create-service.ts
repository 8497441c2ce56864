/** The query service: routes for all reads except GET /referral/link, which may write (domain 9.11). */
import type { Accounts } from '@creator-dashboards/shared/http/account';
import { partOf } from '@creator-dashboards/shared/feed/lag';
import { percentOf, type Readiness } from '@creator-dashboards/shared/http/operations';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { KillSwitchName } from '@creator-dashboards/shared/platform-config';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { Clock } from '@creator-dashboards/shared/time';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { createSilence, isSilent } from '@creator-dashboards/shared/feed/silence';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { ALIASES, feedNameOf, isBuilt, type Alias } from '@creator-dashboards/shared/views/alias';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { auditRoutes } from './audit/events.js';
import { createViewReader } from './reads/read.js';
import { adminRoutes } from './routes/admin.js';
import { dashboardRoutes } from './routes/dashboards.js';
import { messageRoutes } from './routes/messages.js';
import { walletRoutes } from './routes/wallet.js';

export interface QueryServiceOptions {
  readonly events: Pick<EventStore, 'readStream' | 'readAll' | 'readAt' | 'head'>;
  readonly reads: ReadStore;
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'>;
  readonly clock: Clock;
  /** The views that must be served before the service is ready. */
  readonly views: ViewRegistry;
  /** Resolves after `ms`, or earlier when views may have moved; tests step the projections here. */
  readonly pause?: (ms: number) => Promise<void>;
  /** See ViewReaderOptions. */
  readonly rememberMs?: number;
}

export interface QueryService {
  readonly routes: readonly Route[];
  /** Asks the account view; nothing is written here. */
  readonly accounts: Required<Pick<Accounts, 'forReads'>>;
  /** Whether a kill switch is engaged, by the config view. Throws Refused (503) if that is unknown. */
  killSwitches(name: KillSwitchName): Promise<boolean>;
  /** Ready once every view is served; the checks show each view's position (lag, G36). */
  ready(): Promise<Readiness>;
}

export function createQueryService(options: QueryServiceOptions): QueryService {
  const { events, reads, views } = options;
  const silence = createSilence(options.clock);
  const reader = createViewReader(options);

  return {
    routes: [
      ...dashboardRoutes(reader),
      ...messageRoutes(reader),
      ...walletRoutes(reader),
      ...adminRoutes(reader),
      ...auditRoutes(events),
    ],
    accounts: { forReads: (userId) => reader.account(userId) },
    async killSwitches(name) {
      return (await reader.config())?.killSwitches[name]?.engaged ?? false;
    },
    async ready() {
      const names = Object.keys(views);
      const [head, aliases] = await Promise.all([events.head(), reads.getMany<Alias>(ALIASES, names)]);
      const feedOf = ({ _id: view, generation }: Alias) => feedNameOf(view, generation);
      const checkpoints = await reads.getMany<Checkpoint>(CHECKPOINTS, [...aliases.values()].map(feedOf));
      const stateOf = async (view: string) => {
        const alias = aliases.get(view);
        const checkpoint = alias && checkpoints.get(feedOf(alias));
        if (!checkpoint) return 'not built yet';
        const { position } = checkpoint;
        const foreign = await foreignTo(events, checkpoint);
        if (foreign === null && !isBuilt(alias, position)) return `being built: ${percentOf(builtPart(view))}`;
        const fedBy = isSilent(silence(checkpoint)) ? { fedBy: 'nobody' } : {};
        return foreign ?? { generation: alias.generation, position, ...fedBy };
      };
      const builtPart = (view: string): number => {
        const alias = aliases.get(view);
        const reached = (alias && checkpoints.get(feedOf(alias)))?.position ?? 0n;
        return alias ? partOf(reached, alias.position) : 0;
      };
      const states = await Promise.all(names.map(async (view) => [view, await stateOf(view)] as const));
      return {
        ready: states.every(([, state]) => typeof state === 'object'),
        progress: Math.min(...names.map(builtPart)),
        checks: { head, views: Object.fromEntries(states) },
      };
    },
  };
}
