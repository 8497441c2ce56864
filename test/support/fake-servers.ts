/**
 * A process with fake servers, those that its arguments name (`events`, `documents`). It sends the variables that name them to its
 * parent, and ends when the parent disconnects or is gone.
 */
import type { Env } from '@creator-dashboards/shared/process/environment';
import { startEventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';
import { startMongoServer } from '@creator-dashboards/shared/testing/mongodb-wire';

const start: Record<string, () => Promise<Env>> = {
  async events() {
    const { url } = await startEventStoreServer();
    return { EVENT_STORE_URL: url };
  },
  async documents() {
    const { url } = await startMongoServer();
    return { READ_STORE_URL: `${url}/views`, KEY_STORE_URL: `${url}/keys` };
  },
};

process.once('disconnect', () => process.exit());
const named = await Promise.all(process.argv.slice(2).map(async (kind) => start[kind]?.()));
process.send?.(Object.assign({}, ...named));
