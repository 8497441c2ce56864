/** Fields that many paths and bodies have. */
import { z } from 'zod';

/** An id of ours. In lower case, as streams and documents are named: both cases are the same id (RFC 9562). */
export const idText = z.guid().toLowerCase();

/** Why an admin does it (domain 7). */
export const reasonText = z.string().trim().min(1).max(500);
