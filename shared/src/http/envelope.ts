/** Every answer's shape (domain 0): `{ success: true, data }` or `{ success: false, error }`. The only place errors become statuses. */
import type { ServerResponse } from 'node:http';
import { codeOf, messageOf, Refused, statusOf, type ErrorKey } from '../errors.js';
import type { RouteResponse } from './route.js';
import { SubjectErased } from '../seal.js';
import { isTransient, KeyMissing, StoreFailed, StreamCut } from '../store-errors.js';
import { contextOf } from './context.js';
import { commonHeaders, varyByEncoding } from './headers.js';
import { sendStream } from './stream.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The body of a success. Positions and revisions are bigint in code and decimal strings in JSON (design rule 8). */
export function successBody(data?: unknown): string {
  return toJson(data === undefined ? { success: true } : { success: true, data });
}

export function errorBody(refused: Refused, correlationId: string): string {
  const seconds = secondsToWait(refused);
  return toJson({
    success: false,
    error: {
      code: codeOf(refused.key),
      message: messageOf(refused.key, refused.vars),
      i18nKey: refused.key,
      i18nVars: { ...refused.vars, ...(seconds !== undefined && { seconds }) },
      details: refused.details.map(({ field, message }) => ({ field: field ?? fieldOf(message), message })),
      correlationId,
    },
  });
}

/** The JSON that an answer is sent as. */
export function bodyOf({ refused, json, data }: RouteResponse, correlationId: string): string {
  return refused ? errorBody(refused, correlationId) : (json ?? successBody(data));
}

/** What stands before the colon of a detail. */
function fieldOf(message: string): string {
  return message.slice(0, Math.max(0, message.indexOf(':')));
}

/** How long a caller should wait who is told to come again: as the refusal says, else what its kind usually takes. */
function secondsToWait({ key, retryAfter }: Refused): number | undefined {
  if (retryAfter !== undefined) return Math.max(1, Math.ceil(retryAfter));
  const usual: Readonly<Record<number, number>> = { 429: 3_600, 503: key.startsWith('features.') ? 60 : 1 };
  return usual[statusOf(key)];
}

/** What a caller gets for an error. Anything that is not in the catalogue is an internal error: its own text is never shown. */
export function toRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  if (isTransient(error) || error instanceof StoreFailed) return new Refused('common.unavailable', { retryAfter: 1 });
  if (error instanceof StreamCut) return new Refused('common.stream_cut', { retryAfter: 60 });
  if (error instanceof KeyMissing) return new Refused('common.key_missing', { retryAfter: 60 });
  if (error instanceof SubjectErased) return new Refused('error.user.erased');
  if (error instanceof URIError) return invalid('path: must be properly percent-encoded');
  return new Refused('common.internal_error');
}

/** A 400 with these details. */
export function invalid(...details: string[]): Refused {
  return new Refused('common.validation_failed', { details: details.map((message) => ({ message })) });
}

export function sendError(response: ServerResponse, error: unknown): void {
  const refused = toRefused(error);
  const seconds = secondsToWait(refused);
  if (seconds !== undefined) response.setHeader('Retry-After', seconds);
  if (statusOf(refused.key) === 401) response.setHeader('WWW-Authenticate', challengeOf(refused.key));
  sendJson(response, statusOf(refused.key), errorBody(refused, contextOf(response).correlationId));
}

/** How a caller can show who it is (RFC 9110: every 401 says so). */
function challengeOf(key: ErrorKey): string {
  return key === 'webhook.signature.invalid' ? 'X-Signature' : 'Bearer realm="creator-dashboards"';
}

/** Sends a handler's response; `status` is the route's own. What is streamed is sent when it resolves. */
export function sendResponse(response: ServerResponse, status: number, answer: RouteResponse): void | Promise<void> {
  const { headers } = answer;
  for (const name in headers) response.setHeader(name, headers[name] ?? '');
  if (answer.refused) return sendError(response, answer.refused);
  const code = answer.status ?? status;
  if (code === 204 || code === 303 || code === 304) {
    response.statusCode = code;
    response.end();
  } else if (answer.stream) {
    return sendStream(response, code, answer.stream);
  } else if (answer.html !== undefined) {
    if (!answer.headers?.['Content-Security-Policy']) response.setHeader('Content-Security-Policy', pagePolicy);
    send(response, code, 'text/html; charset=utf-8', answer.html);
  } else {
    sendJson(response, code, answer.json ?? successBody(answer.data));
  }
}

/** Shorter answers would gain nothing. */
export const COMPRESSED_FROM_BYTES = 1_024;

/**
 * Sends a 304, or `json` that is too short to be compressed, as `sendResponse` does, with what every answer says, and all headers in one go: set
 * one by one they cost more than the rest of a read. False, and nothing sent, for any other answer, and where a header was set before. Those of
 * the answer must not be among the ones added here.
 */
export function sendAtOnce(response: ServerResponse, status: number, answer: RouteResponse): boolean {
  const { headers = {}, json } = answer;
  const isUnchanged = answer.status === 304;
  const bytes = isUnchanged ? 0 : json === undefined ? Infinity : Buffer.byteLength(json);
  if (bytes >= COMPRESSED_FROM_BYTES || response.getHeaderNames().length > 0) return false;
  const all = commonHeaders(response);
  for (const name in headers) all.push(name, headers[name] ?? '');
  if (isUnchanged) {
    response.writeHead(304, all).end();
    return true;
  }
  all.push('Content-Type', JSON_TYPE, 'Content-Length', `${bytes}`, 'Vary', 'Accept-Encoding');
  if (!headers['Cache-Control']) all.push('Cache-Control', 'no-store');
  response.writeHead(answer.status ?? status, all).end(json);
  return true;
}

/** Our own pages may have styles and post to us, nothing else. A route that needs more sets the header itself. */
const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

function sendJson(response: ServerResponse, status: number, body: string): void {
  send(response, status, JSON_TYPE, body);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  varyByEncoding(response);
  response.end(body);
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
