/**
 * Embedded mode: the three services in one process on one port, on SQLite files below DATA_DIR. `npm start` fills an empty store
 * with demonstration data, made by commands, and prints how to look at it.
 */
import { loadConfig } from '@creator-dashboards/shared/config';
import { connect } from '@creator-dashboards/shared/connect';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { listen } from '@creator-dashboards/shared/http/listen';
import { createLog } from '@creator-dashboards/shared/log';
import { createMetrics } from '@creator-dashboards/shared/metrics';
import { runProcess } from '@creator-dashboards/shared/run';
import { banner } from './demo/banner.js';
import { createStoryClock } from './demo/clock.js';
import { demoFile } from './demo/file.js';
import { tellStory } from './demo/story.js';
import { createSystem } from './system.js';

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
    const publicUrl = `http://${config.host}:${config.port}`;
    const { isReady } = lifecycle;
    const system = createSystem({ config, stores, clock, log, metrics: createMetrics(), publicUrl, isReady });
    lifecycle.onDrain('services', () => system.stop());
    await system.start((error) => lifecycle.fatal(error));

    const demo = demoFile(config.dataDir);
    if (config.demo && (demo.read()?.complete === false || (await stores.events.head()) === 0n)) {
      demo.write({ complete: false });
      demo.write({ complete: true, ...(await tellStory(system.commands, clock)) });
    }
    await system.catchUp();
    await listen(lifecycle, system.app, config);
    const cast = config.demo ? demo.read() : null;
    if (cast?.complete)
      process.stdout.write(banner(publicUrl, cast, demo, (who, seconds) => signToken(config, who, clock, seconds)));
    else process.stdout.write(`Creator dashboards on ${publicUrl}  (API: ${publicUrl}/docs)\n`);
  },
});
