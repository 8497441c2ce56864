import { configCents, configValue } from '@creator-dashboards/shared/platform-config';
import type { ConfigDocument } from '@creator-dashboards/shared/views';
import type { LevelGates } from '../domain/levels.js';

/** What each level asks for by the config in force (G9). */
export function levelGates(config: ConfigDocument | null): LevelGates {
  return {
    SILVER: {
      messages: configValue(config, 'creator.silver_min_messages'),
      earnings: configCents(config, 'creator.silver_min_earnings'),
    },
    GOLD: {
      messages: configValue(config, 'creator.gold_min_messages'),
      earnings: configCents(config, 'creator.gold_min_earnings'),
    },
    PLATINUM: {
      messages: configValue(config, 'creator.platinum_min_messages'),
      earnings: configCents(config, 'creator.platinum_min_earnings'),
    },
  };
}
