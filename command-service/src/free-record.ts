import { z } from 'zod';

const MAX_LENGTH = 10_000;

/** An object whose fields only the client knows (theme tokens, embed settings): JSON, bounded as text. */
export const freeRecord = z
  .record(z.string().max(100), z.unknown())
  .refine((record) => JSON.stringify(record).length <= MAX_LENGTH, `must have at most ${MAX_LENGTH} characters`);
