import { configFold } from '@creator-dashboards/shared/platform-config';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views';
import { lookupCollection } from './lookups.js';
import type { CommandService } from './service.js';

/** Config and kill switches as the command service knows them (domain 9.4); null while nothing was ever set. */
export function currentConfig(service: Pick<CommandService, 'reads'>): Promise<ConfigDocument | null> {
  return service.reads.get<ConfigDocument>(lookupCollection(configFold), CONFIG_KEY);
}
