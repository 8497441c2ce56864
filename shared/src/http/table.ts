/** Checks route tables before they are mounted: a mistake stops the process at start instead of failing a request later. */
import { z } from 'zod';
import { isRead, type Route } from './route.js';

/** Names of the parameters in a path: '/messages/:id/reply' has 'id'. */
function parameterNames(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
}

/**
 * The routes in the order to mount them: literal segments before parameters, so '/messages/search' is never taken for a message
 * id, whatever the order of the tables; reads first, since Express tries routes one after the other and most traffic is dashboards.
 * Throws with every mistake found.
 */
export function checkedRoutes(routes: readonly Route[]): Route[] {
  const mistakes: string[] = [];
  const seen = new Map<string, string>();
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    // Two paths that differ only in the names of their parameters are the same path.
    const shape = `${route.method} ${route.path.replace(/:\w+/g, ':')}`;
    const earlier = seen.get(shape);
    if (earlier) mistakes.push(`${name}: declared twice (${earlier})`);
    seen.set(shape, name);
    mistakes.push(...mistakesOf(route).map((mistake) => `${name}: ${mistake}`));
  }
  if (mistakes.length > 0) throw new Error(`The route table cannot be mounted:\n${mistakes.join('\n')}`);
  const isFixedRead = ({ reads, path }: Route) => Boolean(reads) && !path.includes(':');
  return routes
    .toSorted((a, b) => compareSegments(a.path.split('/'), b.path.split('/')))
    .toSorted((a, b) => Number(isFixedRead(b)) - Number(isFixedRead(a)));
}

const callers: readonly unknown[] = ['public', 'user', 'admin', 'auditor', 'provider'] satisfies Route['who'][];

function mistakesOf(route: Route): string[] {
  const mistakes: string[] = [];
  if (!callers.includes(route.who)) mistakes.push('says not who may call');
  if (!saysLimit(route)) mistakes.push('says not how often it may be called');
  if (!/^(\/(:?[A-Za-z]\w*|[a-z0-9-]+))+$/.test(route.path))
    mistakes.push('is not a path of plain segments and :parameters');
  const documented = route.params instanceof z.ZodObject ? Object.keys(route.params.shape) : [];
  const missing = parameterNames(route.path).filter((name) => !documented.includes(name));
  if (missing.length > 0) mistakes.push(`has no schema for ${missing.join(', ')}`);
  const unknown = documented.filter((name) => !parameterNames(route.path).includes(name));
  if (unknown.length > 0) mistakes.push(`has a schema for ${unknown.join(', ')}, which its path lacks`);
  // PAYOUT also stops decisions to pay; payouts in processing go on (kill switches, domain 9.11).
  const isGuarded = route.who === 'user' || route.who === 'public' || route.killSwitch === 'PAYOUT';
  if (route.query && !passesOverNothing(route.query))
    mistakes.push('has filters, but passes over parameters that it does not know');
  if (route.makes && route.method !== 'GET') mistakes.push('makes what it reads, but is no GET');
  if (route.hot && (route.method !== 'GET' || route.makes || route.who !== 'user' || route.query))
    mistakes.push("is hot, but not a user's GET without a query that only reads");
  if (route.asks && route.method !== 'POST') mistakes.push('asks with its body, but is no POST');
  if (route.who === 'auditor' && !isRead(route)) mistakes.push('lets auditors write');
  if (route.killSwitch && !isGuarded) mistakes.push('has a kill switch, which guards client routes only');
  return mistakes;
}

/** Whether a schema of filters refuses one that it does not know: a filter that is misspelt must not answer everything. */
function passesOverNothing(filters: z.ZodType): boolean {
  const { error } = filters.safeParse({ 'no such filter': '1' });
  return error?.issues.some(({ code }) => code === 'unrecognized_keys') ?? false;
}

function saysLimit({ limit }: Partial<Route>): boolean {
  return limit === 'none' || limit === 'usual' || (typeof limit === 'object' && limit.max > 0 && limit.perMs > 0);
}

function compareSegments(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined || left === right) continue;
    return Number(left.startsWith(':')) - Number(right.startsWith(':'));
  }
  return 0;
}
