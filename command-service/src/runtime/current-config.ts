import { config as configView } from '@creator-dashboards/shared/views/config/fold';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { lookupCollection } from './lookups.js';
import type { CommandService } from './service.js';

/** Config and kill switches, from the command service's own look-up (domain 9.4); null until something is set. */
export function currentConfig(service: Pick<CommandService, 'reads'>): Promise<ConfigDocument | null> {
  return service.reads.get<ConfigDocument>(lookupCollection(configView), CONFIG_KEY);
}
