/** Prometheus metrics of the clock's tasks. */
import { Counter } from 'prom-client';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import type { ClockRun } from './clock-task.js';

/** Registers the metric of the clock's tasks. Returns the function to call after each run of a task. */
export function observeClock({ registry }: Pick<Metrics, 'registry'>): (task: string, run: ClockRun) => void {
  const due = new Counter({
    name: 'clock_due_total',
    help: 'What was due by the clock, by task and by what became of it; what failed is tried again and counted again',
    labelNames: ['task', 'outcome'] as const,
    registers: [registry],
  });
  return (task, { done, failed }) => {
    due.inc({ task, outcome: 'done' }, done);
    due.inc({ task, outcome: 'failed' }, failed);
  };
}
