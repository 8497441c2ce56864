/** The command service as a process of its own. */
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { runService } from '@creator-dashboards/shared/process/service';
import { openCommandService } from './command-service.js';
import type { RunningCommandService } from './create-service.js';

await runService({
  name: 'command-service',
  title: 'Creator dashboards: command service',
  defaults: { PORT: '3001' },
  make(foundation) {
    const onBatch = observeFeeds(foundation.metrics, () => commands.status());
    const commands: RunningCommandService = openCommandService(foundation, onBatch);
    return commands;
  },
});
