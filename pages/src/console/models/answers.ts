/** What the routes for staff answer, by the names that the console uses. */
import type { DataOf } from '../../vendor/client.js';

export type Overview = DataOf<'/admin/projections', 'get'>;
export type ViewStatus = Overview['views'][number];
export type FeedStatus = Overview['others'][number];
export type Lags = DataOf<'/admin/projections/lag', 'get'>;
export type Generation = DataOf<'/admin/projections/{view}/generations', 'get'>['items'][number];
export type Plan = DataOf<'/admin/projections/{view}/plan', 'get'>['plan'];
export type Rebuild = NonNullable<DataOf<'/admin/projections/{view}/progress', 'get'>['rebuild']>;
export type Report = NonNullable<DataOf<'/admin/projections/{view}/report', 'get'>['report']>;
export type PastRebuild = DataOf<'/admin/projections/{view}/history', 'get'>['items'][number];
export type Cause = DataOf<'/admin/projections/parked', 'get'>['items'][number];
export type ParkedKey = DataOf<'/admin/projections/parked/{causeOrKey}', 'get'>['items'][number];
export type ConfigItem = DataOf<'/admin/config', 'get'>['items'][number];
export type KillSwitch = DataOf<'/admin/kill-switches', 'get'>['items'][number];
export type Integrity = DataOf<'/admin/integrity', 'get'>;
export type Explanation = DataOf<'/admin/explain/{view}/{key}', 'get'>;
export type Past = DataOf<'/admin/as-of/{view}/{key}', 'get'>;
export type Movements = DataOf<'/admin/money/creators/{creatorId}', 'get'>;
export type CauseNode = DataOf<'/admin/correlations/{correlationId}', 'get'>['nodes'][number];
export type Erasure = DataOf<'/admin/users/{userId}/erasure', 'get'>;
export type WorkPage = DataOf<'/admin/work', 'get'>;
export type Work = WorkPage['items'][number];
export type Found = DataOf<'/admin/search', 'post'>['items'][number];

/** What the console reads of an event's metadata. */
interface Metadata {
  readonly $correlationId: string;
  readonly occurredAt: string;
  readonly reason: string | null;
  readonly actor: { readonly userId: string | null; readonly role: string };
  readonly keys: Readonly<Record<string, string>>;
}
export type LogEvent = Omit<DataOf<'/admin/events', 'get'>['items'][number], 'metadata'> & {
  readonly metadata: Metadata;
};

/** The description leaves metadata open, as events of any age have it. */
export const eventsOf = (items: DataOf<'/admin/events', 'get'>['items']): readonly LogEvent[] =>
  items as readonly LogEvent[];
