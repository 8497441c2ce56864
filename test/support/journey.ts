/**
 * A journey through the whole system, run in each mode of it: embedded by `npm test`, on servers by `npm run
 * test:servers`.
 */
import { embedded, onServers } from './store-modes.js';
import { openSystem, type SystemSetup, type TestSystem } from './system.js';

type OpenSystem = (setup?: Omit<SystemSetup, 'mode'>) => Promise<TestSystem>;

/** Quick without servers; with them, those not named are replaced by a fake. */
const mode = process.env.TEST_SERVERS ? onServers : embedded;

export function journey(title: string, define: (openSystem: OpenSystem) => void): void {
  describe(mode === embedded ? title : `${title}, ${mode.name}`, () => {
    define((setup) => openSystem({ ...setup, mode }));
  });
}
