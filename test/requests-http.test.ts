/** requests.http names every route, and no other. */
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { features } from '@creator-dashboards/command-service/features/features';
import { demoRoutes } from '@creator-dashboards/command-service/routes/demo';
import type { CommandService } from '@creator-dashboards/command-service/runtime/service';
import { projectionActRoutes, type ActPorts } from '@creator-dashboards/projector/routes/acts';
import { projectionRoutes } from '@creator-dashboards/projector/routes/projections';
import { createQueryService, type QueryServiceOptions } from '@creator-dashboards/query-service/create-service';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { personaRoutes } from '../demo/personas.js';

// Nothing is called: a table needs its service only when one of its handlers runs.
const service = {} as CommandService;
const routes = [
  ...features.flatMap((feature) => feature.routes(service)),
  ...demoRoutes(service),
  ...personaRoutes(service, { read: () => null }),
  ...createQueryService({ sealer: {}, views: {}, changes: createChanges() } as QueryServiceOptions).routes,
  ...projectionRoutes({} as Parameters<typeof projectionRoutes>[0]),
  ...projectionActRoutes({} as ActPorts),
];

const file = readFileSync(new URL('../requests.http', import.meta.url), 'utf8');
const requests = [...file.matchAll(/^([A-Z]+) \{\{api\}\}(\/[^\s?]*)/gm)].map(
  ([, method = '', path = '']) => `${method} ${path}`,
);

/** Whether a request's path fits a declared one: a variable or any other segment stands for a parameter. */
function fits(request: string, { method, path }: { method: string; path: string }): boolean {
  const pattern = path.replace(/:\w+/g, '[^/]+').replaceAll('.', '\\.');
  return new RegExp(`^${method} ${pattern}$`).test(request);
}

describe('requests.http', () => {
  it('has every route', () => {
    const missing = routes.filter((route) => !requests.some((request) => fits(request, route)));
    expect(missing.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([]);
  });

  it('has no request without a route', () => {
    expect(requests.filter((request) => !routes.some((route) => fits(request, route)))).to.deep.equal([]);
  });

  it('uses no variable that it does not set', () => {
    const set = [...file.matchAll(/^@(\w+) = /gm)].map(([, name]) => name);
    const used = new Set([...file.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
    expect([...used].filter((name) => !set.includes(name))).to.deep.equal([]);
  });
});
