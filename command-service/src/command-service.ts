import { createSimulators } from '@creator-dashboards/shared/adapters/simulators';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { API_PREFIX } from '@creator-dashboards/shared/http/route';
import { observeCutStreams } from '@creator-dashboards/shared/cut-streams';
import { observeMissingKeys } from '@creator-dashboards/shared/missing-keys';
import { EnvironmentError } from '@creator-dashboards/shared/process/environment';
import type { Foundation } from '@creator-dashboards/shared/process/service';
import { createCommandService, type CommandServiceOptions, type RunningCommandService } from './create-service.js';
import { demoRoutes } from './routes/demo.js';
import { features } from './features/features.js';
import { observeAdmissions } from './runtime/admission-metrics.js';
import { observeAppends } from './runtime/append-metrics.js';
import { observeClock } from './runtime/clock-metrics.js';
import { observeDifferences } from './runtime/difference-metrics.js';
import { observeLogins } from './runtime/login-attempts.js';

/**
 * The command service as it runs in production and in the demo: every feature, simulated providers, our own tokens. Throws
 * EnvironmentError if simulators are switched off, since there are no other providers yet.
 */
export function openCommandService(
  foundation: Foundation,
  onBatch: CommandServiceOptions['onBatch'],
): RunningCommandService {
  const { environment, stores, clock, log, metrics } = foundation;
  const { publicUrl, signupUrl, corsOrigins } = environment;
  if (!environment.simulators)
    throw new EnvironmentError(['SIMULATORS must be 1: there are no other providers, and these move no money']);
  observeDifferences(metrics, stores.reads);
  observeAdmissions(metrics, stores.reads, clock);
  const pages = environment.demo ? `${publicUrl}${API_PREFIX}` : null;
  // Never where logs are kept.
  const print = environment.nodeEnv === 'development' ? (text: string) => void process.stdout.write(text) : undefined;
  const running = createCommandService({
    ...foundation,
    ...stores,
    events: observeAppends(metrics, stores.events),
    providers: createSimulators({ pages, print }),
    publicUrl,
    signupUrl,
    corsOrigins,
    signToken: (who) => signToken(environment, who, clock),
    features,
    onMissingKey: observeMissingKeys(metrics, log),
    onStreamCut: observeCutStreams(metrics, log),
    onBatch,
    onLoginFailed: observeLogins(metrics),
    onClockRun: observeClock(metrics),
  });
  if (pages === null) return running;
  return { ...running, routes: [...running.routes, ...demoRoutes(running.service)] };
}
