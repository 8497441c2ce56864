/** Writes the payload column of the event tables in docs/domain.md from the schemas: `npx --no tsx shared/src/events-cli.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { definitions, type EventType } from './events/index.js';

const PAGE = new URL('../../docs/domain.md', import.meta.url);
const ROW = /^\| ([A-Z]\w+) \|.*?\| (.*) \|$/;

/**
 * The page with the payload of each event as its schema says it. Rows of the tables in section 5: event, payload, what it
 * changes. Other tables that begin with an event (what follows from it) stay as they are.
 */
export function withPayloads(page: string): string {
  let section = '';
  const lines = page.split('\n').map((line) => {
    section = /^## (\d+)/.exec(line)?.[1] ?? section;
    const [, type = '', changes = ''] = (section === '5' && ROW.exec(line)) || [];
    return Object.hasOwn(definitions, type) ? `| ${type} | ${payloadOf(type as EventType)} | ${changes} |` : line;
  });
  return lines.join('\n');
}

/** "messageId, amount?, content (s)": `?` may be null or missing, `(s)` is sealed. */
export function payloadOf(type: EventType): string {
  const { schema, version } = definitions[type];
  const fields = Object.entries(schema.shape).map(([name, field]) => nameOf(name, field as z.ZodType));
  return (fields.join(', ') || '–') + (version > 1 ? ` (version ${version})` : '');
}

function nameOf(name: string, field: z.ZodType): string {
  const open = field instanceof z.ZodNullable || field instanceof z.ZodOptional ? '?' : '';
  const inner = innerOf(field);
  if (!(inner instanceof z.ZodObject)) return `${name}${open}`;
  const parts = Object.keys(inner.shape);
  return parts.includes('ciphertext') ? `${name} (s)${open}` : `${name} { ${parts.join(', ')} }${open}`;
}

function innerOf(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodNullable || field instanceof z.ZodOptional
    ? innerOf(field.unwrap() as z.ZodType)
    : field;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(PAGE, withPayloads(readFileSync(PAGE, 'utf8')));
