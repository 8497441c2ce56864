/** A journey through the whole system, made in every mode of it. */
import { embedded, onFakes, onServers } from './places.js';
import { openSystem, type SystemSetup, type TestSystem } from './system.js';

type OpenSystem = (setup?: Omit<SystemSetup, 'mode'>) => Promise<TestSystem>;

/** `npm test` needs no server; `npm run test:servers` is for the others. */
const modes = process.env.TEST_SERVERS ? [onServers] : [embedded, onFakes];

export function journey(title: string, tell: (openSystem: OpenSystem) => void): void {
  for (const mode of modes) {
    describe(mode === embedded ? title : `${title}, ${mode.name}`, () => {
      tell((setup) => openSystem({ ...setup, mode }));
    });
  }
}
