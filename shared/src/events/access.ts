import { z } from 'zod';
import { count, digest, event, id, instant, type EventOf } from './define.js';
import { kinds, sealed } from './sealed.js';

/** A name that was given on the host, where nobody has a token. */
const by = sealed(kinds.operator).nullable();
/** What was used: a route as it is declared ("GET /admin/events"), or a command. */
const means = z.string();
/** What was asked for: the names of the filters, and an HMAC over their values, which are not kept. */
const query = z.strictObject({ filters: z.array(z.string()).readonly(), digest });
/** When what is counted began. */
const since = instant;

/**
 * Streams access-<actorId>_<day>, one for each UTC day and each admin, auditor or caller who was denied, or "cli" for whoever acts on
 * the host; keys { userId } of the actor. Nothing is decided or shown by them but who did what. A reason stands in the metadata,
 * sealed for the actor. `shared/src/access/` appends them.
 */
export const accessEvents = {
  /** Written before it is done: what could not be done after all was asked for. */
  ProjectionActionTaken: event({
    action: z.enum([
      'REBUILD',
      'REPAIR',
      'ROLLBACK',
      'SWITCH',
      'PAUSE',
      'RESUME',
      'CANCEL',
      'DROP',
      'RETRY',
      'DISCARD',
    ]),
    /** A view, "policy.<name>" or "lookup.<name>.v<version>"; null for all of them. */
    target: z.string().nullable(),
    generation: z.string().nullable(),
    /** What it was asked with: rate, accept, expect, keys, cause. */
    details: z.record(z.string(), z.json()),
    by,
  }),
  /** Written before the first byte goes out. */
  DataExported: event({ means, query, by }),
  /** Written before the answer. `person`: whose data, by userId; null where it is several people's. */
  PersonalDataRevealed: event({ means, person: id.nullable(), query, by }),
  /** How often somebody read what is known of a person as of some time, or why her numbers are what they are, within a minute. */
  PersonHistoryRead: event({ person: id, since, counts: z.record(means, count), by }),
  /** How often somebody searched within a minute; `more` counts what `searches` has no place for. */
  LogSearched: event({
    since,
    searches: z.array(z.strictObject({ means, ...query.shape, count })),
    more: count,
    by,
  }),
  /** How often somebody was denied what another role may, within an hour; the first time of an hour is an event of its own. */
  AccessDenied: event({ since, counts: z.record(means, count), by }),
};
export type AccessEvent = EventOf<typeof accessEvents>;
