import { expect } from 'chai';
import { z } from 'zod';
import { Refused } from '../../src/errors.js';
import { validate } from '../../src/http/validate.js';

/** The words about the only problem of a body. */
function problemOf(schema: z.ZodType, value: unknown): string {
  try {
    validate({ body: { place: 'body', schema, value } });
  } catch (error) {
    if (error instanceof Refused) return error.details.map(({ message }) => message).join('; ');
    throw error;
  }
  return 'none';
}

describe('What is wrong with a request', () => {
  const cases: readonly (readonly [string, z.ZodType, unknown, string])[] = [
    ['a missing field', z.object({ a: z.string() }), {}, 'a: is required'],
    ['a missing choice', z.object({ a: z.enum(['x', 'y']) }), {}, 'a: is required'],
    ['another choice', z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'a: must be x or y'],
    ['another type', z.object({ a: z.string() }), { a: 1 }, 'a: must be a string'],
    ['another type that begins with a vowel', z.object({ a: z.object({}) }), { a: 1 }, 'a: must be an object'],
    ['a fraction', z.object({ a: z.int() }), { a: 1.5 }, 'a: must be a whole number'],
    ['a number below the bound', z.object({ a: z.number().min(2) }), { a: 1 }, 'a: must be at least 2'],
    ['a number on an open lower bound', z.object({ a: z.number().gt(2) }), { a: 2 }, 'a: must be more than 2'],
    ['a number above the bound', z.object({ a: z.number().max(2) }), { a: 3 }, 'a: must be at most 2'],
    ['a number on an open upper bound', z.object({ a: z.number().lt(2) }), { a: 2 }, 'a: must be less than 2'],
    ['a number between steps', z.object({ a: z.number().multipleOf(5) }), { a: 7 }, 'a: must be a multiple of 5'],
    ['a short text', z.object({ a: z.string().min(2) }), { a: 'x' }, 'a: must have at least 2 characters'],
    ['a long list', z.object({ a: z.array(z.string()).max(1) }), { a: ['x', 'y'] }, 'a: must have at most 1 items'],
    ['a text of another form', z.object({ a: z.string().regex(/^x$/) }), { a: 'y' }, 'a: has the wrong format'],
    ['a text that is no UUID', z.object({ a: z.guid() }), { a: 'y' }, 'a: must be a valid UUID'],
    ['a field inside a list', z.object({ a: z.array(z.object({ b: z.string() })) }), { a: [{}] }, 'a.0.b: is required'],
    ['the body as a whole', z.string(), 1, 'body: must be a string'],
    ['words of the schema', z.object({ a: z.string().refine(() => false, 'is odd') }), { a: 'x' }, 'a: is odd'],
  ];
  for (const [what, schema, body, words] of cases)
    it(`is said of ${what}`, () => expect(problemOf(schema, body)).to.equal(words));

  it('is cut to 200 characters, the name of the field to 100', () => {
    const schema = (name: string, words: string) => z.object({ [name]: z.string().refine(() => false, words) });
    const said = (name: string, words: string) => problemOf(schema(name, words), { [name]: 'x' });
    expect(said('n'.repeat(100), 'w'.repeat(98))).to.equal(`${'n'.repeat(100)}: ${'w'.repeat(98)}`);
    expect(said('n'.repeat(101), 'odd')).to.equal(`${'n'.repeat(99)}…: odd`);
    expect(said('n', 'w'.repeat(198))).to.equal(`n: ${'w'.repeat(196)}…`);
  });
});
