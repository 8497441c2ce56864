import type { Instant } from './time.js';

interface Link {
  readonly active: boolean;
  readonly scheduledStart: Instant | null;
  readonly scheduledEnd: Instant | null;
}

/** Whether a page shows a link at this time: it is switched on, from its start on and before its end. */
export function isLinkShown({ active, scheduledStart, scheduledEnd }: Link, at: Instant): boolean {
  return active && (scheduledStart === null || scheduledStart <= at) && (scheduledEnd === null || at < scheduledEnd);
}
