/**
 * Embedded mode: the three services in one process on one port, on SQLite files below DATA_DIR. `npm start` fills an empty store
 * with demonstration data, made by commands, and prints how to look at it.
 */
import { createCommandService } from '@creator-dashboards/command-service/create-service';
import { families } from '@creator-dashboards/command-service/families';
import { repeatErasures } from '@creator-dashboards/command-service/erasures';
import { demoCheckoutRoutes } from '@creator-dashboards/command-service/routes/demo-checkout';
import { createProjector } from '@creator-dashboards/projector/projector';
import { createQueryService } from '@creator-dashboards/query-service/service';
import { createSimulators } from '@creator-dashboards/shared/adapters/simulators';
import { loadConfig } from '@creator-dashboards/shared/config';
import { connect } from '@creator-dashboards/shared/connect';
import { createApp } from '@creator-dashboards/shared/http';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { listen } from '@creator-dashboards/shared/http/listen';
import { createLog } from '@creator-dashboards/shared/log';
import { createMetrics } from '@creator-dashboards/shared/metrics';
import { isDeadOwner, ownerName } from '@creator-dashboards/shared/owner';
import { runProcess } from '@creator-dashboards/shared/run';
import { banner } from './demo/banner.js';
import { createStoryClock } from './demo/clock.js';
import { demoFile } from './demo/file.js';
import { tellStory } from './demo/story.js';

const log = createLog({ logLevel: 'warn' }, 'creator-dashboards');

await runProcess({
  log,
  async start(lifecycle) {
    const demoByDefault = process.env.NODE_ENV !== 'production';
    const config = loadConfig(process.env, { LOG_LEVEL: 'warn', ...(demoByDefault && { DEMO: '1' }) });
    log.level = config.logLevel;
    const stores = await connect(config);
    lifecycle.onClose('stores', () => stores.close());

    const clock = createStoryClock();
    const owner = ownerName();
    const publicUrl = `http://${config.host}:${config.port}`;
    const fatal = (error: unknown) => lifecycle.fatal(error);
    const commands = createCommandService({
      ...stores,
      providers: createSimulators({ publicUrl }),
      clock,
      masterKey: config.masterKey,
      publicUrl,
      signToken: (who) => signToken(config, who, clock),
      families,
      owner,
      isDead: isDeadOwner,
      log,
    });
    const projector = createProjector({ ...stores, clock, owner, isDead: isDeadOwner, log, stores: config });
    const queries = createQueryService({ ...stores, sealer: commands.service.sealer, clock });
    const app = createApp({
      config,
      routes: [...commands.routes, ...queries.routes, ...(config.demo ? demoCheckoutRoutes(commands.service) : [])],
      killSwitches: commands.killSwitches,
      accountActive: commands.accountActive,
      counters: stores.counters,
      clock,
      log,
      metrics: createMetrics(),
      async ready() {
        const states = await Promise.all([commands.ready(), projector.ready(), queries.ready()]);
        const checks = { commands: states[0].checks, projector: states[1].checks, queries: states[2].checks };
        return { ready: lifecycle.isReady() && states.every(({ ready }) => ready), checks };
      },
    });

    await repeatErasures(commands.service);
    commands.start(fatal);
    lifecycle.onDrain('commands', () => commands.stop());
    await projector.start(fatal);
    lifecycle.onDrain('projector', () => projector.stop());

    await commands.catchUp(); // every policy has its checkpoint before the first event
    const demo = demoFile(config.dataDir);
    if (config.demo && (demo.read()?.complete === false || (await stores.events.head()) === 0n)) {
      demo.write({ complete: false });
      demo.write({ complete: true, ...(await tellStory(commands, clock)) });
    }
    await commands.catchUp();
    await projector.catchUp();
    await listen(lifecycle, app, config);
    const cast = config.demo ? demo.read() : null;
    if (cast?.complete)
      process.stdout.write(banner(publicUrl, cast, demo, (who, seconds) => signToken(config, who, clock, seconds)));
    else process.stdout.write(`Creator dashboards on ${publicUrl}  (API: ${publicUrl}/docs)\n`);
  },
});
