import { createSimulators } from '@creator-dashboards/shared/adapters/simulators';
import { signToken } from '@creator-dashboards/shared/http/auth';
import type { Foundation } from '@creator-dashboards/shared/process/service';
import { createCommandService, type CommandServiceOptions, type RunningCommandService } from './create-service.js';
import { features } from './features/features.js';
import { observeClock } from './runtime/clock-metrics.js';

/** The command service as it runs in production and in the demo: every feature, simulators for providers, tokens of our own. */
export function openCommandService(
  foundation: Foundation,
  onBatch: CommandServiceOptions['onBatch'],
): RunningCommandService {
  const { environment, stores, clock, metrics } = foundation;
  const { masterKey, publicUrl } = environment;
  return createCommandService({
    ...foundation,
    ...stores,
    providers: createSimulators({ publicUrl }),
    masterKey,
    publicUrl,
    signToken: (who) => signToken(environment, who, clock),
    features,
    onBatch,
    onClockRun: observeClock(metrics),
  });
}
