/** Prometheus metric of sends that stopped half-way and were not undone. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { MINUTE, toInstant, type WallClock } from '@creator-dashboards/shared/time';
import { Gauge } from 'prom-client';
import { openAdmissions } from '../lookups/open-admissions.js';
import { lookupCollection } from './lookups.js';

/** A send takes seconds, and one that stopped is undone after a minute (domain 9.2). */
const OLD_MS = 5 * MINUTE;
/** More are not counted. */
const COUNTED = 1_000;

/** It keeps its value while the store is unreachable. */
export function observeAdmissions(
  { registry }: Pick<Metrics, 'registry'>,
  reads: Pick<ReadStore, 'find'>,
  clock: WallClock,
): void {
  new Gauge({
    name: 'admissions_open_old',
    help: `Sends that have been open for more than five minutes, counted up to ${COUNTED}: a fan's money may be held for nothing`,
    registers: [registry],
    async collect() {
      const range = { field: 'since', above: '', atMost: toInstant(clock.now() - OLD_MS) };
      const query = { where: { open: true }, range, limit: COUNTED };
      const open = await reads.find(lookupCollection(openAdmissions), query).catch(() => null);
      if (open !== null) this.set(open.length);
    },
  });
}
