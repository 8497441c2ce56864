import type { Place } from '../../testing/contract.js';
import { startMongoServer } from '../../testing/mongodb-wire.js';

/** A place on a fake MongoDB server of its own. */
export async function placeOnFake<Port extends { close(): Promise<void> }>(
  open: (url: string) => Promise<Port>,
): Promise<Place<Port>> {
  const server = await startMongoServer();
  const instances: Port[] = [];
  return {
    async connect() {
      const instance = await open(`${server.url}/here`);
      instances.push(instance);
      return instance;
    },
    async dispose() {
      await Promise.all(instances.map((instance) => instance.close()));
      await server.close();
    },
  };
}
