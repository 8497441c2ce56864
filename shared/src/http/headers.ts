/** Headers: reading those of a request, and those of every answer. They do not depend on the request, so they are computed once with helmet, and a fast path can send the same. */
import helmet from 'helmet';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** A header of a request; several of one name as one, as HTTP joins them. */
export function headerOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

const setHeaders = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
});

function headersSetBy(middleware: typeof setHeaders): (readonly [name: string, value: string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, () => {});
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)] as const);
}

const securityHeaders = headersSetBy(setHeaders);

/** Said of every body, compressed or not, so that a cache never gives a compressed one to who cannot read it. */
export function varyByEncoding(response: ServerResponse): void {
  const before = response.getHeader('Vary');
  response.setHeader('Vary', before === undefined ? 'Accept-Encoding' : `${String(before)}, Accept-Encoding`);
}

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of securityHeaders) response.setHeader(name, value);
}
