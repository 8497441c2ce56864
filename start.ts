/**
 * Embedded mode: the three services in one process on one port, on SQLite files below DATA_DIR. `npm start` fills an empty store
 * with demonstration data, made by commands, and prints how to look at it.
 */
import { loadConfig } from '@creator-dashboards/shared/process/environment';
import { connect } from '@creator-dashboards/shared/process/connect';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { listen } from '@creator-dashboards/shared/http/listen';
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { runProcess } from '@creator-dashboards/shared/process/run';
import { banner } from './demo/banner.js';
import { createStoryClock } from './demo/clock.js';
import { demoFile, type DemoFile } from './demo/file.js';
import { STORY_LENGTH, tellStory } from './demo/story.js';
import { createSystem } from './system.js';

const log = createLog({ logLevel: 'warn' }, 'creator-dashboards');

await runProcess({
  log,
  async start(lifecycle) {
    const demoByDefault = process.env.NODE_ENV !== 'production';
    const config = loadConfig(process.env, { LOG_LEVEL: 'warn', ...(demoByDefault && { DEMO: '1' }) });
    log.level = config.logLevel;
    const stores = await connect(config, { onTrouble: (error) => log.warn({ err: error }, 'a store is in trouble') });
    lifecycle.onClose('stores', () => stores.close());

    const clock = createStoryClock();
    const { publicUrl } = config;
    const { isReady } = lifecycle;
    const system = createSystem({ config, stores, clock, log, metrics: createMetrics(), publicUrl, isReady });
    lifecycle.onClose('services', () => system.stop()); // after the last request, which may still move a feed
    const demo = demoFile(config.dataDir);
    const began = config.demo ? await storyToTell(demo, stores.events) : null;
    // Before anything starts: at any other time the clock would end what an interrupted story has begun.
    if (began !== null) clock.goTo(began);
    await system.start((error) => lifecycle.fatal(error));

    if (began !== null) demo.write({ complete: true, ...(await tellStory(system.commands, clock, began)) });
    await system.catchUp();
    await listen(lifecycle, system.app, config);
    const cast = config.demo ? demo.read() : null;
    if (cast?.complete)
      process.stdout.write(banner(publicUrl, cast, demo, (who, seconds) => signToken(config, who, clock, seconds)));
    else process.stdout.write(`Creator dashboards on ${publicUrl}  (API: ${publicUrl}/docs)\n`);
  },
});

/** When the story begins that is to be told: a new one on an empty log, or one that was interrupted; null for none. */
async function storyToTell(demo: DemoFile, events: Pick<EventStore, 'head'>): Promise<number | null> {
  const state = demo.read();
  if (state?.complete === false) return state.began;
  if ((await events.head()) > 0n) return null;
  const began = Date.now() - STORY_LENGTH;
  demo.write({ complete: false, began });
  return began;
}
