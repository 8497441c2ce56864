/** The command service as a process of its own. */
import { createSimulators } from '@creator-dashboards/shared/adapters/simulators';
import { loadConfig } from '@creator-dashboards/shared/process/environment';
import { connect } from '@creator-dashboards/shared/process/connect';
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { createApp } from '@creator-dashboards/shared/http';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { listen } from '@creator-dashboards/shared/http/listen';
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { isDeadOwner, ownerName } from '@creator-dashboards/shared/process/process-name';
import { runProcess } from '@creator-dashboards/shared/process/run';
import { systemClock } from '@creator-dashboards/shared/time';
import { createCommandService, type RunningCommandService } from './create-service.js';
import { observeClock } from './runtime/clock-metrics.js';
import { features } from './features/features.js';

const log = createLog({ logLevel: 'info' }, 'command-service');

await runProcess({
  log,
  async start(lifecycle) {
    const onFatal = (error: unknown) => lifecycle.fatal(error);
    const config = loadConfig(undefined, { PORT: '3001' });
    log.level = config.logLevel;
    const stores = await connect(config, { onTrouble: (error) => log.warn({ err: error }, 'a store is in trouble') });
    lifecycle.onClose('stores', () => stores.close());
    const { publicUrl } = config;
    const metrics = createMetrics();
    const commands: RunningCommandService = createCommandService({
      ...stores,
      providers: createSimulators({ publicUrl }),
      clock: systemClock,
      masterKey: config.masterKey,
      publicUrl,
      signToken: (who) => signToken(config, who, systemClock),
      features,
      owner: ownerName(),
      isDead: isDeadOwner,
      log,
      onBatch: observeFeeds(metrics, () => commands.status()),
      onClockRun: observeClock(metrics),
    });
    const app = createApp({
      config,
      routes: commands.routes,
      killSwitches: commands.killSwitches,
      accountActive: commands.accountActive,
      counters: stores.counters,
      clock: systemClock,
      log,
      onFatal,
      metrics,
      title: 'Creator dashboards: command service',
      async ready() {
        const { ready, checks } = await commands.ready();
        return { ready: ready && lifecycle.isReady(), checks };
      },
    });
    lifecycle.onClose('commands', () => commands.stop()); // after the last request, which may still move a look-up
    await commands.start(onFatal);
    const { port } = await listen(lifecycle, app, config);
    log.info({ port }, 'listening');
  },
});
