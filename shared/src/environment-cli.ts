/** Writes `.env.example` from the schema of the environment: `npx --no tsx shared/src/environment-cli.ts > .env.example`. */
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { environmentSchema } from './process/environment.js';

const LINE = 100;

/** The text of `.env.example`: every variable with its description and default, all commented out. */
export function envExample(): string {
  const { properties = {} } = z.toJSONSchema(environmentSchema, { io: 'input' });
  const blocks = Object.entries(properties).map(([name, schema]) => {
    const { description = '', default: value = '' } = schema as { description?: string; default?: string };
    return [...wrap(description), `#${name}=${value}`].join('\n');
  });
  const head = wrap('Every variable is optional; these are the defaults. Start with: node --env-file=.env …');
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(envExample());
