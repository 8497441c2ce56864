/** A limit that a caller reads in /openapi.json can be reached: no smaller one that is told nowhere comes before it. */
import { MAX_BODY_BYTES } from '@creator-dashboards/shared/http/arrival';
import { expect } from 'chai';
import { z } from 'zod';
import { openSystem } from './support/system.js';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** A character of text takes three bytes of JSON at most, unless it is escaped. */
const CHARACTER = 3;

/** The bytes of the longest value that a schema allows; Infinity where it sets no limit. */
function longest(schema: Schema): number {
  if (schema.anyOf) return Math.max(...schema.anyOf.map(longest));
  if (schema.enum || schema.const !== undefined) return JSON.stringify(schema.enum ?? schema.const).length;
  const { properties, items, maxItems = Infinity, maxLength } = schema;
  if (properties)
    return Object.entries(properties).reduce((sum, [name, field]) => sum + name.length + 4 + longest(field), 2);
  if (items) return 2 + maxItems * (longest(items) + 1);
  if (schema.type !== 'string') return schema.type === 'object' || schema.type === undefined ? told(schema) : 25;
  if (maxLength !== undefined) return 2 + maxLength * CHARACTER;
  return schema.format || schema.pattern ? 50 : Infinity;
}

/** Of an object whose fields only clients know, its description says the length. */
function told({ description = '' }: Schema): number {
  const [, characters] = /at most (\d+) characters as JSON/.exec(description) ?? [];
  return characters === undefined ? 0 : Number(characters) * CHARACTER;
}

describe('Limits of fields and of whole bodies', () => {
  it('go together: each field at its own limit fits in a body, and a body of ASCII with all of them', async () => {
    const system = await openSystem();
    const { routes } = system;
    await system.close();
    let fields = 0;
    for (const { method, path, body } of routes) {
      if (!body) continue;
      const schema = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as Schema;
      for (const whole of schema.anyOf ?? [schema]) {
        for (const [name, field] of Object.entries(whole.properties ?? {})) {
          fields += 1;
          expect(longest(field), `${method} ${path} ${name}`).to.be.lessThan(MAX_BODY_BYTES);
        }
        expect(longest(whole) / CHARACTER, `${method} ${path}`).to.be.lessThan(MAX_BODY_BYTES);
      }
    }
    expect(fields).to.be.greaterThan(50);
  });
});
