/** Parses a request by the route's schemas. Problems become short, readable details that never contain a value. */
import type { z } from 'zod';
import { Refused, type Detail } from '../errors.js';

const MAX_DETAILS = 20;
const MAX_DETAIL_LENGTH = 200;

type RequestPart = 'path' | 'query' | 'body' | 'header';

/** Takes a schema and a value for each part of the request, returns the parsed values by the same names. Throws a 400 with the problems of all parts. */
export function validate<K extends string>(
  inputs: Record<K, { place: RequestPart; schema: z.ZodType; value: unknown }>,
): Record<K, unknown> {
  const parsed: Partial<Record<K, unknown>> = {};
  const details: Detail[] = [];
  for (const name of Object.keys(inputs) as K[]) {
    const { place, schema, value } = inputs[name];
    const result = schema.safeParse(value, { error: wording });
    if (result.success) parsed[name] = result.data;
    else details.push(...result.error.issues.map((issue) => detailOf(place, issue)));
  }
  if (details.length > 0) {
    throw new Refused('common.validation_failed', { details: details.slice(0, MAX_DETAILS) });
  }
  return parsed as Record<K, unknown>;
}

/** "amount: must be a string"; a problem with the whole part names the part instead of a field. */
function detailOf(place: RequestPart, issue: z.core.$ZodIssue): Detail {
  const field = truncate(issue.path.length > 0 ? issue.path.map(String).join('.') : place, MAX_DETAIL_LENGTH / 2);
  return { field, message: truncate(`${field}: ${issue.message}`, MAX_DETAIL_LENGTH) };
}

function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Messages for common problems, used where a schema has none of its own. */
function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${article(issue.expected)}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return issue.format === 'regex'
        ? 'has the wrong format'
        : `must be a valid ${formatNames[issue.format] ?? issue.format}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${issue.values.map(String).join(' or ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    default:
      return undefined;
  }
}

const formatNames: Readonly<Record<string, string>> = {
  guid: 'UUID',
  uuid: 'UUID',
  url: 'URL',
  email: 'e-mail address',
  datetime: 'ISO 8601 time',
};

function article(type: string): string {
  if (type === 'int') return 'a whole number';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function bound(origin: string, comparison: string, limit: number | bigint): string {
  if (origin === 'string') return `must have ${comparison} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${comparison} ${limit} items`;
  return `must be ${comparison} ${limit}`;
}
