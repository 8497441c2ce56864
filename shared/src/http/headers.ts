/** Headers: reading those of a request, and those of every answer. Helmet's do not depend on the request, so they are computed once. */
import helmet from 'helmet';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { contextOf } from './context.js';

/** A header of a request; several of one name as one, as HTTP joins them. */
export function headerOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

const setHeaders = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
});

function headersSetBy(middleware: typeof setHeaders): string[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, () => {});
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}

const securityHeaders = headersSetBy(setHeaders);

/** Said of every body, compressed or not, so that a cache never gives a compressed one to who cannot read it. */
export function varyByEncoding(response: ServerResponse): void {
  const before = response.getHeader('Vary');
  response.setHeader('Vary', before === undefined ? 'Accept-Encoding' : `${String(before)}, Accept-Encoding`);
}

/** What every answer says (G29: its correlation id), names and values in turn: a list of its own, to be added to. */
export function commonHeaders(response: ServerResponse): string[] {
  const headers = securityHeaders.slice(); // then pushed: to concat single values takes ten times as long
  headers.push('X-Correlation-Id', contextOf(response).correlationId);
  return headers;
}

export function setCommonHeaders(response: ServerResponse): void {
  const common = commonHeaders(response);
  for (let at = 0; at < common.length; at += 2) response.setHeader(common[at] ?? '', common[at + 1] ?? '');
}
