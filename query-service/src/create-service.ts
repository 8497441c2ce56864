/** The query service: routes for all reads except GET /referral/link, which may write (domain 9.11). */
import type { AccessLog } from '@creator-dashboards/shared/access/access-log';
import type { Changes } from '@creator-dashboards/shared/changes/changes';
import type { AuditIndex } from '@creator-dashboards/shared/audit-index';
import type { Accounts } from '@creator-dashboards/shared/http/account';
import { partOf } from '@creator-dashboards/shared/feed/lag';
import { percentOf, type Readiness } from '@creator-dashboards/shared/http/operations';
import type { EventStore, KeyStore, ReadStore } from '@creator-dashboards/shared/ports';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { Site } from '@creator-dashboards/shared/http/site';
import type { KillSwitchName } from '@creator-dashboards/shared/platform-config';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { Clock } from '@creator-dashboards/shared/time';
import { then } from '@creator-dashboards/shared/waiting';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { createSilence, isSilent } from '@creator-dashboards/shared/feed/silence';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { ALIASES, feedNameOf, frozenSince, isBuilt, type Alias } from '@creator-dashboards/shared/views/alias';
import { generationToShow } from '@creator-dashboards/shared/views/generation';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { differenceRoutes } from './audit/differences.js';
import { correlationRoutes } from './audit/correlation.js';
import { auditRoutes } from './audit/events.js';
import { lookupRoutes } from './audit/lookup.js';
import { exportRoutes } from './audit/export.js';
import { moneyRoutes } from './audit/money.js';
import { pastRoutes } from './audit/past.js';
import type { Heads } from './audit/heads.js';
import { erasureRoutes } from './audit/erasure.js';
import { integrityRoutes } from './audit/integrity.js';
import { streamRoutes } from './audit/streams.js';
import { createBus } from './changes/bus.js';
import { createWatches } from './live/watches.js';
import { createOwners } from './reads/owners.js';
import { createViewReader } from './reads/read.js';
import { adminRoutes } from './routes/admin.js';
import { creatorPartRoutes } from './routes/creator-parts.js';
import { dashboardRoutes } from './routes/dashboards.js';
import { liveRoute } from './routes/live.js';
import { payoutRoutes } from './routes/payouts.js';
import { peopleRoutes } from './routes/people.js';
import { publicBioRoute } from './routes/public-bio.js';
import { publicPages } from './routes/public-page.js';
import { messageRoutes } from './routes/messages.js';
import { builtSite } from './routes/site.js';
import { workRoute } from './routes/work.js';
import { walletRoutes } from './routes/wallet.js';

export interface QueryServiceOptions {
  readonly events: Pick<EventStore, 'readStream' | 'readAll' | 'readAt' | 'readMany' | 'head'>;
  /** What events are found by. */
  readonly audit: AuditIndex;
  /** Who saw what. */
  readonly access: AccessLog;
  /** What was signed of the log. */
  readonly heads: Pick<Heads, 'keys' | 'sign' | 'publish'>;
  readonly reads: ReadStore;
  /** What this process writes through `reads`. */
  readonly changes: Changes;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'> & Partial<Pick<Sealer, 'onForget'>>;
  readonly clock: Clock;
  /** What can be presented here, and has to be served before the service is ready. */
  readonly views: Readonly<Record<ViewName, View>>;
  /** Resolves after `ms`, or earlier when views may have moved; tests step the projections here. */
  readonly pause?: (ms: number) => Promise<void>;
  /** See BusOptions. */
  readonly looksAlways?: boolean;
}

export interface QueryService {
  readonly routes: readonly Route[];
  readonly pages: readonly Route[];
  readonly site: Site;
  /** Asks the account view; nothing is written here. */
  readonly accounts: Required<Pick<Accounts, 'forReads'>>;
  /** Whether a kill switch is engaged, by the config view. Throws Refused (503) if that is unknown. */
  killSwitches(name: KillSwitchName): Promise<boolean>;
  /** Ready once every view is served; the checks show each view's position (lag, G36). */
  ready(): Promise<Readiness>;
  /** Ends what runs in the background. */
  stop(): void;
}

export function createQueryService(options: QueryServiceOptions): QueryService {
  const { events, reads, views } = options;
  const silence = createSilence(options.clock);
  const bus = createBus(options);
  bus.listen(({ view, keys }) => {
    if (view === 'account') for (const userId of keys ?? [null]) options.sealer.forget(userId); // she may have been erased
  });
  const reader = createViewReader({ ...options, bus });
  const owners = createOwners(options);
  const publicBio = { reader, ownerOf: owners.ofName, clock: options.clock };
  const dashboards = dashboardRoutes(reader);
  const watches = createWatches({ reads, bus, served: reader.served, clock: options.clock });
  const killSwitches = async (name: KillSwitchName) => (await reader.config())?.killSwitches[name]?.engaged ?? false;

  return {
    routes: [
      ...Object.values(dashboards),
      liveRoute({ dashboards, watches, killSwitches, clock: options.clock }),
      ...creatorPartRoutes(reader),
      ...peopleRoutes(reader),
      publicBioRoute(publicBio),
      ...messageRoutes(reader),
      ...walletRoutes(reader),
      ...payoutRoutes(reader),
      ...adminRoutes(reader),
      workRoute(reader, options.clock),
      ...auditRoutes({ ...options, index: options.audit }, options.access),
      ...streamRoutes(events, options),
      ...lookupRoutes({ events, index: options.audit, owners, access: options.access }),
      ...exportRoutes({ events, index: options.audit, access: options.access, sealer: options.sealer }),
      ...correlationRoutes({ ...options, index: options.audit }),
      ...moneyRoutes(events, options.access),
      ...pastRoutes({ ...options, index: options.audit }),
      ...differenceRoutes(reads),
      ...erasureRoutes({ ...options, index: options.audit }),
      ...integrityRoutes({ events, reads, index: options.audit, heads: options.heads }),
    ],
    site: builtSite(),
    pages: publicPages(publicBio),
    accounts: { forReads: (userId) => then(reader.account(userId), (account) => account?.status ?? null) },
    killSwitches,
    stop: bus.stop,
    async ready() {
      const names = Object.keys(views) as ViewName[];
      const [head, aliases] = await Promise.all([events.head(), reads.getMany<Alias>(ALIASES, names)]);
      const shown = new Map(
        [...aliases.values()].map(
          (alias) => [alias._id, generationToShow(alias, views[alias._id as ViewName])] as const,
        ),
      );
      const feedOf = (view: string) => feedNameOf(view, shown.get(view) ?? '');
      const checkpoints = await reads.getMany<Checkpoint>(CHECKPOINTS, names.map(feedOf));
      const stateOf = async (view: ViewName) => {
        const alias = aliases.get(view);
        const generation = shown.get(view);
        if (!alias) return 'not built yet';
        if (!generation)
          return `${alias.generation} is served, which this code (v${views[view].version}) cannot present`;
        const checkpoint = checkpoints.get(feedOf(view));
        if (!checkpoint) return 'not built yet';
        const { position } = checkpoint;
        const foreign = await foreignTo(events, checkpoint);
        if (foreign !== null) return foreign;
        const isServed = generation === alias.generation;
        if (isServed && !isBuilt(alias, position)) return `being built: ${percentOf(builtPart(view))}`;
        const isFed = !isSilent(silence(checkpoint));
        if (!isServed && !isFed) return `nobody feeds ${generation}, and this code cannot present ${alias.generation}`;
        const since = isServed ? frozenSince(alias, position) : null;
        return {
          ...{ generation, position },
          ...((!isFed || since !== null) && { fedBy: 'nobody' }),
          ...(since !== null && { frozenSince: since }),
        };
      };
      const builtPart = (view: ViewName): number => {
        const alias = aliases.get(view);
        return alias ? partOf(checkpoints.get(feedOf(view))?.position ?? 0n, alias.position) : 0;
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
