/** The progress of a rebuild: a bar for a terminal, one JSON object for a line of its own elsewhere. */
import type { JsonObject } from '@creator-dashboards/shared/ports';
import type { Rebuild } from '../rebuild/plan.js';
import { progressOf, reportOf } from '../rebuild/work.js';

const WIDTH = 20;

/** "message.v1-2 [########------------] 41 %, 123000 of 300000 events, 52000 a second, 9120 documents, 4 s left (3 s to 4 s) RUNNING" */
export function barOf(plan: Rebuild): string {
  const {
    part,
    eventsDone,
    eventsTotal,
    eventsPerSecond,
    documents,
    workers,
    secondsLeft,
    secondsLeftFrom,
    secondsLeftTo,
  } = progressOf(plan);
  const full = Math.floor(part * WIDTH);
  const facts = [
    percentOf(part),
    eventsTotal === null ? '' : `${eventsDone} of ${eventsTotal} events`,
    eventsPerSecond === null ? '' : `${Math.round(eventsPerSecond)} a second`,
    documents === 0 ? '' : `${documents} documents`,
    workers > 1 ? `${workers} workers` : '',
    !secondsLeft
      ? ''
      : `${spanOf(secondsLeft)} left (${spanOf(secondsLeftFrom ?? 0)} to ${spanOf(secondsLeftTo ?? 0)})`,
  ].filter((fact) => fact !== '');
  return `${plan._id} [${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${facts.join(', ')} ${plan.state}`;
}

export function lineOf(plan: Rebuild): JsonObject {
  return { rebuild: plan._id, ...reportOf(plan) };
}

/** How far a rebuild is; 100 % only at the end. */
export function percentOf(part: number): string {
  return `${Math.floor(part * 100)} %`;
}

/** "45 s", "12 min", "2 h 5 min" */
export function spanOf(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
