/** What surrounds every request, in Express and in the hot lane alike: its log line and measurement, headers, compression, errors. */
import compression from 'compression';
import cors from 'cors';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Environment } from '../process/environment.js';
import type { Log } from '../process/log.js';
import { StoreFailed } from '../store-errors.js';
import { contextOf } from './context.js';
import { COMPRESSED_FROM_BYTES, sendError, toRefused } from './envelope.js';
import { setCommonHeaders } from './headers.js';
import { admits, type Origins } from '../origins.js';
import { observe, type ObserveOptions } from './observe.js';

/** Middleware that needs nothing of Express. */
export type Around = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export interface Surroundings {
  /** Comes before all else. */
  readonly observe: Around;
  /** Sets what every answer says. */
  readonly setCommon: Around;
  /** Calls `next` at once, but answers a preflight. */
  readonly crossOrigin: Around;
  /** Compresses what is sent afterwards, where the caller takes it and it is worth it. */
  readonly compress: Around;
  /** Answers an error. One that is not in the catalogue is logged in full and shown to nobody. */
  answerError(error: unknown, response: ServerResponse): void;
}

export interface SurroundingsOptions extends ObserveOptions {
  readonly environment: Pick<Environment, 'corsOrigins'>;
  readonly onFatal?: ((error: StoreFailed) => void) | undefined;
}

export function createSurroundings({ environment, log, onFatal, ...observed }: SurroundingsOptions): Surroundings {
  const { corsOrigins } = environment;
  return {
    observe: observe({ log, ...observed }),
    setCommon(_request, response, next) {
      setCommonHeaders(response);
      next();
    },
    crossOrigin: corsOrigins.length > 0 ? crossOrigin(corsOrigins) : (_request, _response, next) => next(),
    compress: compressing(),
    answerError: createAnswerError(log, onFatal),
  };
}

/** Looks at who takes it alone: it changes how a response is written, which costs more than most reads. */
function compressing(): Around {
  const compress = compression({ threshold: COMPRESSED_FROM_BYTES }) as unknown as Around;
  return (request, response, next) =>
    request.headers['accept-encoding'] === undefined ? next() : compress(request, response, next);
}

/** With credentials: the cookie of the refresh token, which goes to pages of the same site only. */
function crossOrigin(origins: Origins): Around {
  const answer = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && admits(origins, origin)),
    credentials: true,
    // Named, because the default sends back whatever the preflight asked for, however long.
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-None-Match',
      'Last-Event-ID',
      'Read-After',
      'X-Correlation-Id',
    ],
    exposedHeaders: [
      ...[
        'X-Correlation-Id',
        'X-Position',
        'X-Stale',
        'X-Age',
        'X-Degraded',
        'ETag',
        'Location',
        'Content-Disposition',
      ],
      ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit-Policy'],
      ...['Retry-After', 'Allow', 'WWW-Authenticate'],
    ],
    maxAge: 600,
  });
  return (request, response, next) => (request.headers.origin === undefined ? next() : answer(request, response, next));
}

function createAnswerError(log: Log, onFatal: SurroundingsOptions['onFatal']): Surroundings['answerError'] {
  return (error, response) => {
    const { correlationId, template } = contextOf(response);
    if (toRefused(error).key === 'common.internal_error') {
      log.error({ err: error, correlationId, route: template }, 'a request failed');
    }
    if (response.headersSent) response.destroy();
    else sendError(response, error);
    if (error instanceof StoreFailed) onFatal?.(error);
  };
}
