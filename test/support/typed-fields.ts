/** Fields of requests into which somebody can type whatever she wants. */
import type { Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';

/** As JSON Schema has it. */
interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** Each as "POST /messages body.content", of what the routes declare. */
export function typedFields(routes: readonly Route[]): Set<string> {
  const found = routes.flatMap((route) =>
    (['params', 'query', 'body'] as const).flatMap((part) => {
      const declared = route[part];
      if (!declared) return [];
      const schema = z.toJSONSchema(declared, { io: 'input', unrepresentable: 'any' }) as Schema;
      return fieldsOf(schema, part).map((field) => `${route.method} ${route.path} ${field}`);
    }),
  );
  return new Set(found);
}

function fieldsOf(schema: Schema, path: string): string[] {
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.flatMap((one) => fieldsOf(one, path));
  if (schema.enum !== undefined || schema.const !== undefined) return [];
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([name, one]) => fieldsOf(one, `${path}.${name}`));
  if (schema.items) return fieldsOf(schema.items, path);
  if (['number', 'integer', 'boolean', 'null'].includes(schema.type ?? '')) return [];
  return isNumberOrId(schema) ? [] : [path];
}

/** Ids, times, amounts and positions: nobody can type a name there. */
const isNumberOrId = ({ format, pattern }: Schema): boolean =>
  ['uuid', 'guid', 'date-time'].includes(format ?? '') || (pattern?.startsWith('^\\d') ?? false);
