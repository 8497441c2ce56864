import { expect } from 'chai';
import { z } from 'zod';
import { codeOf, statusOf, type ErrorKey } from '../../src/errors.js';
import { catalogue } from '../../src/errors/catalogue.js';
import { openApi, type Operation } from '../../src/http/openapi.js';
import { route } from '../../src/http/route.js';
import { toyRoutes } from './toy-app.js';

type Json = Record<string, unknown>;

const routes = toyRoutes();
const document = openApi(routes, { title: 'Toys' });

function operationOf(method: string, path: string): Operation {
  return document.paths[path]?.[method] as Operation;
}

/** The error keys that a response documents. */
function keysOf(operation: Operation, status: number): string[] {
  const response = operation.responses[status] as { content: { 'application/json': { examples: Json } } } | undefined;
  return response ? Object.keys(response.content['application/json'].examples) : [];
}

const namesOf = (operation: Operation, place: string) =>
  operation.parameters.filter((p) => p.in === place).map((p) => p.name);

describe('The OpenAPI document', () => {
  it('describes every route, with its method, path and callers, and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation['x-who']}`),
    );
    const mounted = routes.map(({ method, path, who }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')} ${who}`);
    expect(described).to.have.members(mounted);
  });

  it('has the parts that OpenAPI 3.1 requires', () => {
    expect(document.openapi).to.equal('3.1.0');
    expect(document.info).to.include({ title: 'Toys', version: '1.0.0' });
    expect(document.servers).to.deep.equal([{ url: '/api/v1' }]);
    const ids = new Set<string>();
    for (const [path, methods] of Object.entries(document.paths)) {
      expect(path).to.match(/^\//).and.not.contain(':');
      for (const [method, operation] of Object.entries(methods)) {
        expect(method).to.be.oneOf(['get', 'post', 'put', 'patch', 'delete']);
        expect(ids.has(operation.operationId), operation.operationId).to.equal(false);
        ids.add(operation.operationId);
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(namesOf(operation, 'path')).to.have.members(inPath);
        for (const parameter of operation.parameters) {
          expect(parameter).to.include.keys('name', 'in', 'schema', 'required');
          if (parameter.in === 'path') expect(parameter.required).to.equal(true);
        }
        for (const [status, response] of Object.entries(operation.responses)) {
          expect(status).to.match(/^[1-5]\d\d$/);
          expect(response.description).to.be.a('string').and.not.equal('');
        }
        expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).to.equal(true);
      }
    }
  });

  it('has no dangling references', () => {
    const text = JSON.stringify(document);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer.split('/').reduce<unknown>((node, part) => (node as Json)[part], document);
      expect(target, pointer).to.be.an('object');
    }
    expect(text).to.not.contain('$schema');
  });

  it('says which credentials a route needs', () => {
    expect(operationOf('post', '/things').security).to.deep.equal([{ bearer: [] }]);
    expect(operationOf('post', '/webhooks/payments').security).to.deep.equal([{ webhookSignature: [] }]);
    expect(operationOf('post', '/open/{code}').security).to.deep.equal([]);
    const schemes = document.components.securitySchemes as Record<string, Json>;
    expect(schemes.bearer).to.include({ type: 'http', scheme: 'bearer' });
    expect(schemes.webhookSignature).to.include({ type: 'apiKey', in: 'header', name: 'X-Signature' });
  });

  it('lists the errors of a route and of the guards before it, with code and key', () => {
    const make = operationOf('post', '/things');
    expect(keysOf(make, 401)).to.deep.equal(['auth.token.invalid', 'auth.account.unknown']);
    expect(keysOf(make, 503)).to.deep.equal([
      'features.messaging_disabled',
      'common.unavailable',
      'common.key_missing',
    ]);
    expect(keysOf(make, 429)).to.deep.equal(['common.rate_limited']);
    expect(keysOf(make, 404)).to.deep.equal(['wallet.error.not_found']);
    expect(keysOf(make, 422)).to.deep.equal(['common.idempotency_mismatch']);
    expect(keysOf(make, 403)).to.deep.equal(['auth.role.forbidden']);
    expect(keysOf(operationOf('post', '/admin/things'), 403)).to.deep.equal(['auth.role.forbidden']);
    expect(keysOf(operationOf('post', '/webhooks/payments'), 401)).to.deep.equal(['webhook.signature.invalid']);
    const open = operationOf('post', '/open/{code}');
    expect([keysOf(open, 401), keysOf(open, 422)]).to.deep.equal([[], []]);
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods))
        expect(keysOf(operation, 500)).to.deep.equal(['common.internal_error']);
    }
  });

  it('lists every error under its status, in the shape that is sent', () => {
    for (const methods of Object.values(document.paths)) {
      for (const operation of Object.values(methods)) {
        for (const [status, response] of Object.entries(operation.responses)) {
          if (!/^[45]/.test(status)) continue;
          const { content } = response as {
            content: { 'application/json': { examples: Record<string, { value: Json }> } };
          };
          for (const [key, { value }] of Object.entries(content['application/json'].examples)) {
            expect(Object.keys(catalogue)).to.include(key);
            expect(statusOf(key as ErrorKey)).to.equal(Number(status));
            const i18nVars = ['429', '503'].includes(status) ? { seconds: 60 } : {};
            expect(value.error).to.deep.include({ i18nKey: key, code: codeOf(key as ErrorKey), i18nVars });
          }
        }
      }
    }
  });

  it('lists Idempotency-Key on writes that keep it, and Read-After on reads of views', () => {
    expect(namesOf(operationOf('post', '/things'), 'header')).to.include('Idempotency-Key');
    for (const [method, path] of [
      ['post', '/open/{code}'],
      ['post', '/webhooks/payments'],
      ['get', '/things/{id}'],
    ] as const) {
      expect(namesOf(operationOf(method, path), 'header'), path).to.not.include('Idempotency-Key');
    }
    const read = operationOf('get', '/things/{id}');
    expect(namesOf(read, 'header')).to.include.members(['Read-After', 'If-None-Match']);
    expect(Object.keys(read.responses)).to.include('304');
    expect((read.responses[200] as { headers: Json }).headers).to.include.keys(
      'ETag',
      'X-Position',
      'X-Stale',
      'X-Age',
      'X-Degraded',
    );
  });

  it('describes bodies as they are sent and data as it is answered', () => {
    const transformed = route({
      method: 'POST',
      path: '/shapes',
      summary: 'Shapes',
      who: 'public',
      limit: 'none',
      query: z.object({ page: z.coerce.number().int().min(1).catch(1), q: z.string() }),
      body: z.strictObject({ amount: z.string().transform(Number), note: z.string().optional() }),
      data: z.strictObject({ position: z.bigint(), at: z.date(), name: z.string().nullable() }),
      handle: async () => ({}),
    });
    const { paths, components } = openApi([transformed], { title: 'Shapes' });
    const operation = paths['/shapes']?.post as Operation;
    const schemas = components.schemas as Json;
    const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    expect(operation.requestBody).to.deep.equal({
      required: true,
      content: { 'application/json': { schema: reference('PostShapesBody') } },
    });
    expect(schemas.PostShapesBody).to.deep.equal({
      type: 'object',
      properties: { amount: { type: 'string' }, note: { type: 'string' } },
      required: ['amount'],
      additionalProperties: false,
    });
    const page = operation.parameters.find(({ name }) => name === 'page');
    expect(page).to.include({ in: 'query', required: false });
    expect(operation.parameters.find(({ name }) => name === 'q')).to.include({ in: 'query', required: true });
    const success = operation.responses[200] as {
      content: { 'application/json': { schema: { properties: { data: Json } } } };
    };
    expect(success.content['application/json'].schema.properties.data).to.deep.equal(reference('PostShapesData'));
    expect((schemas.PostShapesData as { properties: Json }).properties).to.deep.equal({
      position: { type: 'string', pattern: '^-?\\d+$' },
      at: { type: 'string', format: 'date-time' },
      name: { type: ['string', 'null'] },
    });
  });

  it('says what is pushed to who accepts server-sent events', () => {
    const [thing] = routes;
    const { paths } = openApi([{ ...thing!, pushes: 'a frame whenever it changes' }], { title: 'Live' });
    const { content } = paths['/things/{id}']?.get?.responses[200] as { content: Json };
    expect(content['text/event-stream']).to.deep.equal({
      schema: { type: 'string', description: 'a frame whenever it changes' },
    });
    expect(content).to.include.keys('application/json');
  });
});
