/** Fields that requests to every service have. */
import { z } from 'zod';

/** One of our ids, in lower case, as in the names of streams and documents: both cases mean the same id (RFC 9562). */
export const idText = z.guid().toLowerCase();

/** Why an admin does it (domain 7). */
export const reasonText = z.string().trim().min(1).max(500);
