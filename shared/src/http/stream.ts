/** Sends a body while it is made, in flat memory: no more is made than the caller takes. */
import type { ServerResponse } from 'node:http';
import { MINUTE } from '../time.js';
import { varyByEncoding } from './headers.js';
import type { BodyStream } from './route.js';

/** Who takes nothing for so long is gone. */
const STALLED_MS = MINUTE;

/** Resolves when all is sent, or nobody is there any more. Rejects as the chunks do, with the answer unfinished. */
export async function sendStream(
  response: ServerResponse,
  status: number,
  { type, chunks }: BodyStream,
): Promise<void> {
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  varyByEncoding(response);
  let wake = () => {};
  // One listener each, for good: compression passes those of 'drain' on, and would keep every one.
  response.on('drain', () => wake());
  response.on('close', () => wake());
  response.setTimeout(STALLED_MS, () => {
    if (response.writableLength > 0) response.destroy(); // else it waits for us
  });
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    if (chunk === '' || response.write(chunk)) continue;
    await new Promise<void>((resolve) => (wake = resolve));
  }
  response.end();
}
