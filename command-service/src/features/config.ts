import type { Feature } from './feature.js';
import { configRoutes } from '../routes/config.js';

/** Config values and kill switches. Their look-up is part of the service itself. */
export const configuration: Feature = {
  routes: (service) => configRoutes(service),
  policies: [],
  clockTasks: [],
  lookups: [],
};
