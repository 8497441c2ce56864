/** One log line and one measurement for every request, by route template: raw paths hold ids and names. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pinoHttp } from 'pino-http';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { contextOf, openContext } from './context.js';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Opens the request's context; everything that answers runs behind this. Whoever answers without a route names it in the context. */
export function observe(log: Log, metrics: Metrics): Middleware {
  const logRequest = requestLog(log);
  return (request, response, next) => {
    const context = openContext(request, response);
    const stop = metrics.httpDuration.startTimer();
    response.once('close', () => {
      stop({ method: request.method, route: context.template ?? 'unmatched', status: String(response.statusCode) });
    });
    logRequest(request, response, next);
  };
}

function requestLog(log: Log) {
  const line = (request: IncomingMessage, response: ServerResponse, values: unknown) => {
    const { correlationId, template, actor } = contextOf(response);
    return {
      correlationId,
      method: request.method,
      route: template,
      status: response.statusCode,
      durationMs: (values as { responseTime: number }).responseTime,
      userId: actor.userId,
    };
  };
  return pinoHttp({
    // The line has none but the fields named above: looking for secrets in it would cost more than the rest of it.
    logger: log.child({}, { redact: [] }),
    genReqId: (_request, response) => contextOf(response).correlationId,
    quietReqLogger: true,
    quietResLogger: true,
    customLogLevel: (_request, response) => {
      if (response.statusCode >= 500) return 'warn';
      return contextOf(response).template === null ? 'debug' : 'info';
    },
    customSuccessObject: line,
    customErrorObject: (request, response, _error, values: unknown) => line(request, response, values),
    customSuccessMessage: (_request, response) => (response.writableFinished ? 'request' : 'request aborted'),
    customErrorMessage: () => 'request',
  });
}
