/** One log line and one measurement for every request, by route template: raw paths hold ids and names. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { inBlocks, newId, systemRandom, type Random } from '../ids.js';
import type { Log } from '../process/log.js';
import type { Metrics } from '../process/metrics.js';
import type { Clock } from '../time.js';
import { callersCorrelationId, traceRequest } from '../tracing/requests.js';
import type { Tracer } from '../tracing/tracer.js';
import { openContext, type Context } from './context.js';
import { leave } from './under-way.js';

export interface ObserveOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Source of correlation ids; default: the system's. */
  readonly random?: Random;
  /** Unless given, nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** Methods that may appear as a label: callers can send any word. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** What only reads begins no trace: it leads to nothing. */
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Opens the request's context; must run before everything that responds. Code that responds without a route names itself in the context. */
export function observe({ log, metrics, clock, random = systemRandom, tracer }: ObserveOptions): Middleware {
  const source = { clock, random: inBlocks(random) };
  const makeId = () => newId(source);
  return (request, response, next) => {
    const isTraced = tracer !== undefined && !reading.has(request.method ?? '');
    const context = openContext(request, response, isTraced ? () => callersCorrelationId(request) ?? makeId() : makeId);
    const began = clock.monotonic();
    // All that happens at the end of a request is done here: with a second listener for it on Node 20, requests outlive several collections.
    const ended = () => {
      leave(context);
      const ms = clock.monotonic() - began;
      const labels = {
        method: methods.has(request.method ?? '') ? request.method : 'other',
        route: context.template ?? 'unmatched',
        status: String(response.statusCode),
      };
      if (!context.isPushed) metrics.httpDuration.observe(labels, ms / 1_000);
      logRequest(log, context, request, response, ms);
    };
    if (isTraced) return traceRequest(tracer, { request, response, context, ended }, next);
    response.on('close', ended);
    next();
  };
}

function logRequest(log: Log, context: Context, request: IncomingMessage, response: ServerResponse, ms: number): void {
  const level = levelOf(context, response.statusCode);
  if (!log.isLevelEnabled(level)) return;
  const { correlationId, template, actor } = context;
  const line = {
    correlationId,
    method: request.method,
    route: template,
    status: response.statusCode,
    durationMs: Math.round(ms * 10) / 10,
    userId: actor.userId,
  };
  log[level](line, response.writableFinished ? 'request' : 'request aborted');
}

/** A probe that is told "not ready" is no news: `still starting` and the checks are. */
function levelOf({ template }: Context, status: number): 'warn' | 'info' | 'debug' {
  if (template === null && status === 503) return 'debug';
  if (status >= 500) return 'warn';
  return template === null ? 'debug' : 'info';
}
