/**
 * Embedded mode: the three services in one process on one port, on SQLite files below DATA_DIR. `npm start` fills an empty store
 * with demonstration data, made by commands, and prints how to look at it.
 */
import { signToken } from '@creator-dashboards/shared/http/auth';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { runService } from '@creator-dashboards/shared/process/service';
import { DAY, systemClock } from '@creator-dashboards/shared/time';
import { banner } from './demo/banner.js';
import { createStoryClock } from './demo/clock.js';
import { demoFile, type DemoFile } from './demo/file.js';
import { endStory } from './demo/endings.js';
import { personaRoutes } from './demo/personas.js';
import { STORY_LENGTH, tellStory } from './demo/story.js';
import { createSystem } from './system.js';

const demoByDefault = process.env.NODE_ENV !== 'production';

await runService({
  name: 'creator-dashboards',
  logLevel: 'warn',
  defaults: demoByDefault ? { DEMO: '1' } : {},
  make(foundation) {
    const { environment, stores } = foundation;
    const { publicUrl } = environment;
    const clock = createStoryClock();
    const system = createSystem({ ...foundation, clock });
    const demo = demoFile(environment.dataDir);
    /** When the story began that is being told; null while none is. */
    let telling: number | null = null;
    return {
      ...system,
      ...(system.site && { site: { ...system.site, isDemo: environment.demo } }),
      async ready() {
        const readiness = await system.ready();
        if (telling === null) return readiness;
        const day = Math.floor((clock.now() - telling) / DAY) + 1;
        const story = `demonstration data is made, day ${day} of ${STORY_LENGTH / DAY}`;
        const { progress: _, checks, ...rest } = readiness;
        return { ...rest, checks: { ...checks, story } };
      },
      routes: environment.demo ? [...system.routes, ...personaRoutes(system.commands.service, demo)] : system.routes,
      async start(onFatal) {
        const began = environment.demo ? await storyToTell(demo, stores.events) : null;
        // Before anything starts: later the clock would undo what an interrupted story has left unfinished.
        if (began !== null) clock.goTo(began);
        await system.start(onFatal);
        if (began !== null) {
          telling = began;
          const people = await tellStory(system.commands, clock, began);
          demo.write({ complete: true, ...people });
          await endStory(system.commands, people);
          telling = null;
        }
        await system.catchUp();
      },
      started() {
        const people = environment.demo ? demo.read() : null;
        if (people?.complete)
          process.stdout.write(
            banner(publicUrl, people, demo, (who, seconds) => signToken(environment, who, clock, seconds)),
          );
        else process.stdout.write(`Creator dashboards on ${publicUrl}  (API: ${publicUrl}/docs)\n`);
      },
    };
  },
});

/** When the story to create begins: a new one on an empty log, or an interrupted one; null if there is none to create. */
async function storyToTell(demo: DemoFile, events: Pick<EventStore, 'head'>): Promise<number | null> {
  const state = demo.read();
  if (state?.complete === false) return state.began;
  if ((await events.head()) > 0n) return null;
  const began = systemClock.now() - STORY_LENGTH;
  demo.write({ complete: false, began });
  return began;
}
