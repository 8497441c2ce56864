/** The API's description (OpenAPI 3.1), made from the same route tables that are mounted, so it cannot differ from them. */
import { z } from 'zod';
import { MAX_BODY_BYTES } from './arrival.js';
import { errorSchema, errorsOf } from './openapi-errors.js';
import { limitOf } from './limits.js';
import { API_PREFIX, isRead, type Route } from './route.js';
import { SECOND } from '../time.js';

type Schema = Record<string, unknown>;

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly 'x-who': Route['who'];
  /** Calls in a window of `seconds`, for each user (of a public route: for each address); null without a limit. */
  readonly 'x-limit': { readonly max: number; readonly seconds: number } | null;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
}

export function openApi(routes: readonly Route[], info: { title: string; version?: string }): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  const schemas: Record<string, Schema> = { Error: errorSchema };
  for (const route of routes) {
    const path = (paths[route.path.replace(/:(\w+)/g, '{$1}')] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: info.title,
      version: info.version ?? '1.0.0',
      description:
        'Every answer is an envelope: `{ success: true, data }` or `{ success: false, error }`. Branch on `error.code` or `error.i18nKey`. ' +
        'Money is a decimal string in major units, times are ISO 8601 UTC, positions are decimal strings. ' +
        'How often one caller may call is `x-limit` of each operation. ' +
        `A body has at most ${MAX_BODY_BYTES / 1024} KiB, whatever its fields may hold one by one.`,
    },
    servers: [{ url: API_PREFIX }],
    tags: tagsOf(routes),
    paths,
    components: { schemas, securitySchemes },
  };
}

/** What each family of routes is about; those that clients read most come first. */
const families: Readonly<Record<string, string>> = {
  creators: 'Dashboard, profile and settings of a creator',
  referral: 'Referral link, dashboard and clicks',
  messages: 'Messages between fans and creators',
  wallet: 'The wallet a fan pays from',
  payouts: "Payouts of a creator's earnings",
  users: 'Accounts',
  auth: 'Registration and login',
  bio: 'Public bio pages',
  admin: 'What administrators decide, and what auditors read',
  webhooks: 'What providers report',
};

function tagsOf(routes: readonly Route[]) {
  const used = new Set(routes.map(familyOf));
  const known = Object.keys(families).filter((name) => used.has(name));
  const others = [...used].filter((name) => !known.includes(name)).sort();
  return [...known, ...others].map((name) => ({ name, description: families[name] ?? name }));
}

type Schemas = Record<string, Schema>;

/** The schema as a component of this name. Definitions of its own become components too, so that every reference leads somewhere. */
function component(schemas: Schemas, name: string, { $defs = {}, ...schema }: Schema): Schema {
  for (const [own, definition] of Object.entries($defs as Schemas))
    schemas[componentOf(own)] = isAnyJson(own) ? { description: 'Any JSON value' } : withReferences(definition);
  schemas[name] = withReferences(schema);
  return { $ref: `#/components/schemas/${name}` };
}

function withReferences(schema: Schema): Schema {
  const text = JSON.stringify(schema).replace(
    /"#\/\$defs\/(\w+)"/g,
    (_, own: string) => `"#/components/schemas/${componentOf(own)}"`,
  );
  return JSON.parse(text) as Schema;
}

/** Any JSON value is the one schema that contains itself, and so has a definition without a name of ours. */
const isAnyJson = (definition: string) => definition.startsWith('__schema');
const componentOf = (definition: string) => (isAnyJson(definition) ? 'Json' : definition);

function operationOf(route: Route, schemas: Schemas): Operation {
  const name = capital(operationIdOf(route));
  const body = route.body && component(schemas, `${name}Body`, schemaOf(route.body, 'input'));
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: [familyOf(route)],
    'x-who': route.who,
    'x-limit': shownLimit(route),
    security: securityOf(route),
    parameters: parametersOf(route),
    ...(route.body && body ? { requestBody: { required: !isOptionalBody(route.body), content: json(body) } } : {}),
    responses: {
      [String(route.status ?? 200)]: successOf(route, schemas),
      ...(route.reads ? { 304: notModified } : {}),
      ...errorsOf(route),
    },
  };
}

function shownLimit(route: Route): Operation['x-limit'] {
  const limit = limitOf(route);
  return limit && { max: limit.max, seconds: limit.perMs / SECOND };
}

/** 'POST /messages/:id/reply' is postMessagesByIdReply. */
function operationIdOf(route: Route): string {
  const words = route.path.split(/[/-]/).filter((segment) => segment !== '');
  const named = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)));
  return route.method.toLowerCase() + named.join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function familyOf(route: Route): string {
  return route.path.split('/')[1] ?? '';
}

function securityOf(route: Route): Operation['security'] {
  if (route.who === 'public') return [];
  return route.who === 'provider' ? [{ webhookSignature: [] }] : [{ bearer: [] }];
}

// ------------------------------------------------------------------ requests

function parametersOf(route: Route): Schema[] {
  const takesKey = !isRead(route) && route.who !== 'provider' && route.keyless !== true;
  return [
    ...fieldsOf(route.params).map(({ name, schema }) => ({ name, in: 'path', required: true, schema })),
    ...fieldsOf(route.query).map(({ name, schema, required }) => ({ name, in: 'query', required, schema })),
    correlationId,
    ...(takesKey ? [idempotencyKey] : []),
    ...(route.reads ? [readAfter, ifNoneMatch] : []),
  ];
}

const correlationId = header(
  'X-Correlation-Id',
  { type: 'string', format: 'uuid' },
  'Taken over into the answer, the log and the events.',
);
const idempotencyKey = header(
  'Idempotency-Key',
  { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
  'The same key with the same body gives the first result again; with another body it is a 422.',
);
const readAfter = header(
  'Read-After',
  { type: 'string', pattern: '^\\d+$' },
  'Waits up to 1 s until the view has reached this position (of a write); if it has not, answers with X-Stale: true.',
);
const ifNoneMatch = header(
  'If-None-Match',
  { type: 'string' },
  'ETag of an earlier answer; 304 when nothing has changed.',
);

function header(name: string, schema: Schema, description: string): Schema {
  return { name, in: 'header', required: false, schema, description };
}

/** The fields of an object schema as parameters; a field is optional if its schema accepts undefined. */
function fieldsOf(object: z.ZodType | undefined): { name: string; schema: Schema; required: boolean }[] {
  if (!(object instanceof z.ZodObject)) return [];
  return Object.entries(object.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name,
    schema: schemaOf(field, 'input'),
    required: !field.safeParse(undefined).success,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Values without a JSON type are sent as text.
      if (zodSchema._zod.def.type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' });
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
      // The format is enough: from a pattern, tools make odd examples.
      if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return rest;
}

function isOptionalBody(body: z.ZodType): boolean {
  return body.safeParse({}).success;
}

// ----------------------------------------------------------------- responses

function successOf(route: Route, schemas: Schemas): Schema {
  const name = `${capital(operationIdOf(route))}Data`;
  const data = route.data && component(schemas, name, schemaOf(route.data, 'output'));
  return {
    description: 'Success',
    headers: {
      'X-Correlation-Id': { schema: { type: 'string', format: 'uuid' } },
      ...(route.reads ? readHeaders : {}),
    },
    content: route.streams
      ? linesOf(route.streams, data)
      : {
          ...json({
            type: 'object',
            properties: { success: { const: true }, ...(data ? { data } : {}) },
            required: ['success', ...(data ? ['data'] : [])],
          }),
          ...(route.pushes && { 'text/event-stream': { schema: { type: 'string', description: route.pushes } } }),
        },
  };
}

const readHeaders = {
  'X-Position': { description: 'Position of the log that the answer includes', schema: { type: 'string' } },
  ETag: { schema: { type: 'string' } },
  'X-Stale': {
    description: 'true when Read-After was not reached, or nobody feeds this view',
    schema: { type: 'string' },
  },
  'X-Age': {
    description: 'seconds since which this view lacks what happened; only where nobody feeds it',
    schema: { type: 'string' },
  },
  'X-Degraded': { description: 'true when later events of this record wait for repair', schema: { type: 'string' } },
};

const notModified = { description: 'Nothing has changed since the ETag in If-None-Match' };

/** Text that is streamed: a line or record for each `data`. */
function linesOf(types: readonly string[], data: Schema | undefined): Schema {
  const text = { type: 'string', description: 'A line for each, and a last one that says whether it is whole' };
  return Object.fromEntries(
    types.map((type) => [type, { schema: { ...text, contentMediaType: type, contentSchema: data } }]),
  );
}

function json(schema: Schema): Schema {
  return { 'application/json': { schema } };
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  webhookSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Signature',
    description:
      '`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.<path>.<raw body>">` with the secret of the provider, five minutes of tolerance.',
  },
};
