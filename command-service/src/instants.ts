import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';

/** A time in a body: ISO 8601 in UTC, with milliseconds or without; kept with them. */
export const instantText = z.iso.datetime().transform((text) => toInstant(Date.parse(text)));
