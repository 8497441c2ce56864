/**
 * Samples of every event type and version that was ever released, as they stand in logs: `events/<type>.v<version>.json`. They are
 * kept for ever, because logs are; only new ones are added.
 */
import { definitions, type EventType } from '@creator-dashboards/shared/events/index';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { JsonObject, RecordedEvent, RoutingKeys } from '@creator-dashboards/shared/ports';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { dataOf } from './make.js';

export interface SampleFile {
  readonly type: string;
  readonly version: number;
  /** Names of samples that come before these; what comes before those is told by them. */
  readonly after: readonly string[];
  /** Of each kind of stream that has such events; `data` as stored. The rest of the metadata is the same for all. */
  readonly samples: readonly { readonly stream: string; readonly keys: RoutingKeys; readonly data: JsonObject }[];
}

/** What cannot be told from a schema: in which streams such events are, with which routing keys, and after what. */
export interface Setting {
  readonly after: readonly string[];
  readonly places: readonly Pick<SampleFile['samples'][number], 'stream' | 'keys'>[];
}

/** A sample as a log gives it back, with a name of its own: that of its file, and its place there. */
export interface Sample {
  readonly name: string;
  readonly event: RecordedEvent;
  /** In order. */
  readonly before: readonly RecordedEvent[];
}

const OCCURRED_AT = '2026-05-01T10:00:00.000Z';

/** By type and version, in order of names. */
export function readSamples(folder: string): SampleFile[] {
  if (!existsSync(folder)) return [];
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SampleFile;
  return readdirSync(folder).sort().map(read);
}

export function nameOf({ type, version }: Pick<SampleFile, 'type' | 'version'>): string {
  return `${type}.v${version}`;
}

/** Of all files. Throws where a file names one that there is not. */
export function samplesIn(files: readonly SampleFile[]): Sample[] {
  const events = new Map(files.flatMap(storedOf));
  const after = new Map(files.map((file) => [nameOf(file), file.after]));
  function beforeAll(file: string): RecordedEvent[] {
    return (after.get(file) ?? []).flatMap((name) => {
      const event = events.get(name);
      if (!event) throw new Error(`${file} is after ${name}, which there is not`);
      return [...beforeAll(name.split(' ')[0] ?? ''), event];
    });
  }
  return [...events].map(([name, event]) => ({ name, event, before: beforeAll(name.split(' ')[0] ?? '') }));
}

function storedOf({ type, version, samples }: SampleFile): [name: string, event: RecordedEvent][] {
  return samples.map(({ stream, keys, data }, index) => {
    const name = `${nameOf({ type, version })} ${index + 1}`;
    const commandId = derivedId('sample', name);
    const actor = { userId: keys.userId ?? null, role: 'USER' } as const;
    const ids = { commandId, $correlationId: commandId, $causationId: commandId };
    const meta = metadata({ ...ids, actor, keys, occurredAt: OCCURRED_AT, schemaVersion: version });
    return [name, { id: derivedId(commandId), type, data, metadata: meta, stream, revision: 0n, position: 10n }];
  });
}

/**
 * Adds samples of a type in its present version, in this setting, or in that of its own earlier version. Throws where there are some
 * already: what was released is not made again. Answers the file's path.
 */
export async function addSample(folder: string, type: string, setting?: Setting): Promise<string> {
  if (!Object.hasOwn(definitions, type)) throw new Error(`there is no event ${type}`);
  const { version, schema } = definitions[type as EventType];
  const path = join(folder, `${nameOf({ type, version })}.json`);
  if (existsSync(path)) throw new Error(`${path} is there already, and is never made again`);
  const { after, places } = setting ?? settingOf(folder, type);
  if (places.length === 0) throw new Error(`say in which streams ${type} is: --like <event>, or --stream and --keys`);
  const samples = places.flatMap(({ stream, keys }) =>
    dataOf(type, schema, keys).map((data) => ({ stream, keys, data })),
  );
  mkdirSync(folder, { recursive: true });
  await writeJson(path, { type, version, after, samples } satisfies SampleFile);
  return path;
}

/** That of a type's newest samples; without places where there are none. */
export function settingOf(folder: string, type: string): Setting {
  const ofType = readSamples(folder).filter((file) => file.type === type);
  const newest = ofType.sort((one, other) => other.version - one.version)[0];
  const places = newest?.samples.map(({ stream, keys }) => [stream, { stream, keys }] as const);
  return { after: newest?.after ?? [], places: [...new Map(places).values()] };
}

/** Formatted as the repository is. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const config = await resolveConfig(fileURLToPath(import.meta.url), { editorconfig: true });
  writeFileSync(path, await format(JSON.stringify(value), { ...config, parser: 'json' }));
}
