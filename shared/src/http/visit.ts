/** Addresses that people follow and that count it: who counts, and how they are sent on. */
import type { RouteRequest, RouteResponse } from './route.js';

/** Whether a person opens the address: not for its headers alone, nor because a browser or a preview loads ahead what may be opened. */
export function isVisit({ isHead, header }: Pick<RouteRequest, 'isHead' | 'header'>): boolean {
  return !isHead && !/prefetch|prerender/i.test(`${header('sec-purpose') ?? ''} ${header('purpose') ?? ''}`);
}

/** Never kept by anybody: each visit is to be counted. */
export function sentTo(Location: string): RouteResponse {
  return { status: 303, headers: { Location, 'Cache-Control': 'no-store' } };
}
