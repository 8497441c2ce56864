/**
 * The hot lane: rows of the route tables with the flag `hot`, the dashboards that most requests are for, are answered by node:http
 * alone. It has no rule of its own. What surrounds a request, its guards, its handler and what errors look like are those of Express's
 * routes, called in the same order; all that is left out is finding the way there, and what every answer says is set last, so that
 * a short answer can go with all its headers at once. So both give the same answers: `query-service/test/hot-lane.test.ts` compares
 * them in every case.
 *
 * It takes a request only where there is nothing else to find out: a GET or HEAD of exactly the row's address, without a query and
 * without a body. Everything else, each other spelling of the same address too, is Express's.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { hasBody } from './arrival.js';
import { sendAtOnce, sendResponse } from './envelope.js';
import type { Steps } from './mount.js';
import { API_PREFIX, type Route } from './route.js';
import type { Surroundings } from './surroundings.js';
import { then } from '../waiting.js';

export interface LaneOptions extends Surroundings {
  /** All rows; those without the flag are left alone. */
  readonly routes: readonly Route[];
  readonly stepsOf: (route: Route) => Steps;
  /** Takes a place among the requests under way, or throws Refused. */
  readonly enter: (response: ServerResponse) => void;
}

interface Row {
  readonly route: Route;
  readonly steps: Steps;
  /** Matches the whole address, a group for each parameter. */
  readonly pattern: RegExp;
}

/** Answers what the lane takes, and hands everything else to `rest` untouched. */
export function withLane(rest: RequestListener, options: LaneOptions): RequestListener {
  const { observe, setCommon, crossOrigin, enter, compress, answerError } = options;
  const rows = options.routes
    .filter(({ hot }) => hot)
    .map((route): Row => ({ route, steps: options.stepsOf(route), pattern: patternOf(route.path) }));
  const fixed = new Map(
    rows.filter(({ route }) => !route.path.includes(':')).map((row) => [addressOf(row.route.path), row]),
  );
  const literal = new Set(options.routes.map(({ path }) => addressOf(path)));
  const varying = rows.filter(({ route }) => route.path.includes(':'));

  function answer({ route, steps }: Row, params: unknown, request: IncomingMessage, response: ServerResponse): void {
    observe(request, response, pass);
    crossOrigin(request, response, pass);
    const failed = (error: unknown) => {
      if (!response.headersSent) setCommon(request, response, pass);
      compress(request, response, pass);
      answerError(error, response);
    };
    try {
      enter(response);
      const sent = then(steps(request, response, { params, query: {}, ip: '' }), (found) => {
        if (sendAtOnce(response, route.status ?? 200, found)) return;
        setCommon(request, response, pass);
        compress(request, response, pass);
        return sendResponse(response, route.status ?? 200, found);
      });
      if (sent) sent.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  return (request, response) => {
    const { method, url = '' } = request;
    if ((method !== 'GET' && method !== 'HEAD') || hasBody(request)) return rest(request, response);
    const row = fixed.get(url);
    if (row) return answer(row, {}, request, response);
    for (const one of varying) {
      const match = literal.has(url) ? null : one.pattern.exec(url);
      if (match) return answer(one, match.groups ?? {}, request, response);
    }
    rest(request, response);
  };
}

function pass(): void {}

function addressOf(path: string): string {
  return API_PREFIX + path;
}

/** Takes plain parameters alone: Express decodes the others, or refuses them. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${addressOf(path).replace(/:(\w+)/g, '(?<$1>[A-Za-z0-9-]{1,100})')}$`);
}
