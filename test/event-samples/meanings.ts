/**
 * What samples mean to each reader: what they change in its document or state, after the samples that come before. Pinned in `meanings/<reader>.json` with the
 * version of the reader, because another meaning needs another version.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Reader } from './readers.js';
import { writeJson, type Sample } from './samples.js';

/** Whose document it is, and the fields that are others than before; or why it could not be applied. */
type Meaning = { readonly key: string } & ({ readonly sets: object } | { readonly fails: string });

/** By the sample's name. */
interface Meanings {
  readonly version: number;
  readonly of: Readonly<Record<string, Meaning>>;
}

export function meaningsFor(reader: Reader, samples: readonly Sample[]): Meanings {
  const of: Record<string, Meaning> = {};
  for (const sample of samples) {
    const key = reader.keyOf(sample.event);
    if (key !== undefined) of[sample.name] = { key, ...changesBy(reader, key, sample) };
  }
  return { version: reader.version, of };
}

function changesBy(reader: Reader, key: string, { event, before }: Sample) {
  try {
    const mine = before.filter((one) => reader.keyOf(one) === key);
    const start = mine.reduce<object>((document, one) => reader.after(document, one), reader.initial);
    const old = new Map(Object.entries(start));
    const changed = Object.entries(reader.after(start, event)).filter(
      ([name, value]) => !old.has(name) || !isDeepStrictEqual(value, old.get(name)),
    );
    return { sets: JSON.parse(JSON.stringify(Object.fromEntries(changed))) as object };
  } catch (error) {
    return { fails: error instanceof Error ? error.message : String(error) };
  }
}

/** Null where the reader has no pins yet. */
export function pinnedFor(folder: string, { name }: Reader): Meanings | null {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Meanings) : null;
}

/** Names of samples whose meaning is another than the pinned one. */
export function changedMeanings(pinned: Meanings | null, now: Meanings): string[] {
  return Object.entries(pinned?.of ?? {})
    .filter(([name, meaning]) => !isDeepStrictEqual(meaning, now.of[name]))
    .map(([name]) => name);
}

/** Pins what samples mean to a reader. Throws where a meaning has changed and the reader's version has not. */
export async function pin(folder: string, reader: Reader, samples: readonly Sample[]): Promise<void> {
  const pinned = pinnedFor(folder, reader);
  const now = meaningsFor(reader, samples);
  const changed = changedMeanings(pinned, now);
  if (pinned?.version === reader.version && changed.length > 0) throw new Error(remedy(reader, changed));
  mkdirSync(folder, { recursive: true });
  await writeJson(join(folder, `${reader.name}.json`), now);
}

/** What to do about changed meanings, in words. */
export function remedy({ name, version }: Reader, changed: readonly string[]): string {
  return (
    `To ${name}, ${changed.join(', ')} no longer mean what they meant to version ${version}. Logs are full of such events: if that is ` +
    `what you want, raise the version, then run npm run event-sample`
  );
}
