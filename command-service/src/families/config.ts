import type { Family } from '../family.js';
import { configRoutes } from '../routes/config.js';

/** Config values and kill switches. Their look-up is part of the service itself. */
export const configuration: Family = {
  routes: (service) => configRoutes(service),
  policies: [],
  clockTasks: [],
  lookups: [],
};
