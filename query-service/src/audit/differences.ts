/** Differences of the money that the command service found, for admins and auditors; it keeps them beside its look-ups. */
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { differenceKind } from '@creator-dashboards/shared/events/money';
import { DIFFERENCES, meaningOf, type MoneyDifference } from '@creator-dashboards/shared/ledger/differences';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { z } from 'zod';
import { decodeAfter, encodeAfter } from './cursor.js';
import { cursorText, limitSchema } from './page-query.js';

const differenceSchema = z.strictObject({
  item: z.string(),
  account: z.string(),
  eventId: z.string(),
  kind: differenceKind,
  meaning: z.string(),
  open: z.boolean(),
  foundAt: z.string(),
  acknowledgedAt: z.string().nullable(),
  acknowledgedBy: z.string().nullable(),
});

const shown = ({ _id: item, kind, ...of }: MoneyDifference): z.infer<typeof differenceSchema> => ({
  item,
  account: of.account,
  eventId: of.eventId,
  kind,
  meaning: meaningOf[kind],
  open: of.open,
  foundAt: of.foundAt,
  acknowledgedAt: of.acknowledgedAt,
  acknowledgedBy: of.acknowledgedBy,
});

export function differenceRoutes(reads: Pick<ReadStore, 'find'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/money/differences',
      summary: 'Differences of the money: the open ones, or all, the oldest first',
      who: 'auditor',
      limit: 'usual',
      query: z.strictObject({
        open: z.enum(['true', 'all']).default('true'),
        cursor: cursorText.optional(),
        limit: limitSchema,
      }),
      data: z.strictObject({ items: z.array(differenceSchema), next: z.string().nullable() }),
      errors: ['admin.events.invalid_cursor'],
      async handle({ query: { open, cursor, limit } }) {
        const filter = `differences:${open}`;
        const after = cursor === undefined ? undefined : decodeAfter(filter, cursor);
        const found = await reads.find<MoneyDifference>(DIFFERENCES, {
          ...(open === 'true' && { where: { open: true } }),
          range: { field: 'foundAt', above: '', after },
          limit: limit + 1,
        });
        const page = found.slice(0, limit);
        const last = found.length > limit ? page.at(-1) : undefined;
        return { data: { items: page.map(shown), next: last ? encodeAfter(filter, last.foundAt, last._id) : null } };
      },
    }),
  ];
}
