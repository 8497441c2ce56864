/** Makes data that fits an event's schema: what a sample says is invented, its shape is the schema's. */
import { derivedId } from '@creator-dashboards/shared/ids';
import type { Json, JsonObject, RoutingKeys } from '@creator-dashboards/shared/ports';
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import { z } from 'zod';

/** What of JSON Schema the events' schemas use. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | false;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly string[];
  readonly const?: Json;
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly $ref?: string;
}

/**
 * Data in as many variants as it takes that every value of an enum, both values of a boolean, and null and not null occur. Ids that
 * are routing keys have the keys' values; other ids, amounts and texts differ by field.
 */
export function dataOf(type: string, schema: z.ZodType, keys: RoutingKeys): JsonObject[] {
  const shape = z.toJSONSchema(schema) as Shape;
  const variants = Array.from({ length: variantsIn(shape) }, (_, index) => {
    let drawn = parseInt(derivedId(type).slice(0, 6), 16);
    return objectOf(shape, '', { type, index, keys, next: () => 10 + ((drawn += 1) % 50) });
  });
  const different = new Map(variants.map((data) => [JSON.stringify(data), data]));
  for (const data of different.values()) {
    const { error } = schema.safeParse(data);
    if (error) throw new Error(`no sample can be made of this schema, write it by hand: ${error.message}`);
  }
  return [...different.values()];
}

interface Variant {
  readonly type: string;
  readonly index: number;
  readonly keys: RoutingKeys;
  /** Another number of two digits each time, below 60. */
  readonly next: () => number;
}

function variantsIn({ properties = {}, items, anyOf = [], enum: values = [], type, $ref }: Shape): number {
  const parts = [...Object.values(properties), ...anyOf, ...(items ? [items] : [])];
  const isEither =
    $ref !== undefined || anyOf.length > 0 || Array.isArray(type) || type === 'boolean' || type === 'array';
  return Math.max(1, isEither ? 2 : 1, values.length, ...parts.map(variantsIn));
}

function objectOf({ properties = {} }: Shape, path: string, variant: Variant): JsonObject {
  const entries = Object.entries(properties).map(([name, shape]) => [
    name,
    valueOf(shape, path === '' ? name : `${path}.${name}`, variant),
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

function valueOf(shape: Shape, path: string, variant: Variant): Json {
  const { type, index, keys } = variant;
  const isFirst = index % 2 === 0;
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[index % shape.enum.length] ?? null;
  if (shape.$ref) return isFirst ? 15 : { nested: ['a', 1, true, null] }; // any JSON
  if (shape.anyOf) return isFirst ? valueOf(shape.anyOf[0] ?? {}, path, variant) : null;
  if (Array.isArray(shape.type)) return isFirst ? textOf(shape, path, variant) : null;
  if (shape.properties?.keyId) return { ...sealedValue(keys.userId ?? keys.fanId ?? 'nobody', `${type} ${path}`) };
  if (shape.properties) return objectOf(shape, path, variant);
  if (shape.additionalProperties) return { colour: valueOf(shape.additionalProperties, path, variant) };
  switch (shape.type) {
    case 'boolean':
      return isFirst;
    case 'array':
      return isFirst ? [valueOf(shape.items ?? {}, path.replace(/s$/, ''), variant)] : []; // linkIds: [linkId]
    case 'integer':
      return isFirst ? 4 : 1;
    case 'number':
      return isFirst ? 72 : 1;
    default:
      return textOf(shape, path, variant);
  }
}

function textOf({ format, pattern, maxLength }: Shape, path: string, { type, keys, next }: Variant): string {
  const name = path.split('.').at(-1) ?? '';
  if (format === 'uuid') return keys[name as keyof RoutingKeys] ?? derivedId('sample', path);
  if (format === 'date-time') return `2026-05-02T10:${next()}:00.000Z`;
  const number = next();
  const candidates = [`${type} ${path}`, `${number}.50`, `${number}`, 'c'.repeat(40)];
  const isFit = (text: string) => new RegExp(pattern ?? '').test(text) && text.length <= (maxLength ?? Infinity);
  return candidates.find(isFit) ?? '';
}
