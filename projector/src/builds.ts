/**
 * By which code the generations of a view are built. Documents are written by the code of their fold's fingerprint alone, whatever
 * version it says it is: other handlers would leave documents that no fold of the log makes.
 */
import type { Document, ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { codeOf } from '@creator-dashboards/shared/views/generation';
import type { View } from '@creator-dashboards/shared/views/view';
import type { ViewAlias } from './generations.js';

/** Key: "<view>.<generation>". It stays when the generation is dropped: older code is known by what it once served. */
export interface Build extends Document {
  readonly view: string;
  readonly generation: string;
  /** Fingerprints of the code; `shape` is null where none was known. */
  readonly fold: string;
  readonly shape: string | null;
  readonly wasServed: boolean;
  /** Since when another generation is served instead; null for one that is served, or never was. */
  readonly replacedAt: Instant | null;
}
export const BUILDS = 'generations';
/** How many are read of one view. */
const MAX_BUILDS = 1_000;

export type Code = Pick<View, 'name' | 'version' | 'fingerprints'>;

/** The fingerprint of a view's fold; its version stands in where it was given none. */
export function foldOf({ version, fingerprints }: Pick<Code, 'version' | 'fingerprints'>): string {
  return fingerprints?.fold ?? `v${version}`;
}

/** Records that this code builds a generation, before anything of it is written. False if it is that of other code. */
export async function recordBuild(reads: ReadStore, code: Code, generation: string): Promise<boolean> {
  await reads.declare(BUILDS, ['view']);
  const document = buildBy(code, code.name, generation);
  if ((await reads.write(BUILDS, [{ document, expected: null }])).size > 0) return true;
  return (await reads.get<Build>(BUILDS, document._id))?.fold === document.fold;
}

function buildBy(code: Code, view: string, generation: string): Build {
  const shape = code.fingerprints?.shape ?? null;
  const record = { view, generation, fold: foldOf(code), shape, wasServed: false, replacedAt: null };
  return { _id: idOf(view, generation), position: 0n, ...record };
}

export const idOf = (view: string, generation: string) => `${view}.${generation}`;

/**
 * What is known of a generation. One of before builds were recorded is taken as that of the code of its version; null if that is not
 * here either.
 */
export async function buildOf(reads: Pick<ReadStore, 'get'>, view: View, generation: string): Promise<Build | null> {
  return (await reads.get<Build>(BUILDS, idOf(view.name, generation))) ?? unrecorded(view, generation);
}

function unrecorded(view: View, generation: string): Build | null {
  const code = codeOf(view, generation);
  return code && buildBy(code, view.name, generation);
}

export function buildsOf(reads: ReadStore, view: string): Promise<Build[]> {
  return reads.find<Build>(BUILDS, { where: { view }, limit: MAX_BUILDS });
}

/** The code of this fingerprint, if it is here: the view's own, or what it keeps of the version before. */
export function codeWith(view: View, fold: string | undefined): View | null {
  return [view, view.kept].find((code) => code && foldOf(code) === fold) ?? null;
}

/** The code that built a generation, which alone may feed or judge it; null where it is not here. */
export async function codeThatBuilt(
  reads: Pick<ReadStore, 'get'>,
  view: View,
  generation: string,
): Promise<View | null> {
  return codeWith(view, (await buildOf(reads, view, generation))?.fold);
}

export interface ServedBuilds {
  readonly served: Build | null;
  readonly previous: Build | null;
}

/**
 * What is known of the served generation and of the one before it. Records, where that is not done yet, which is served and since
 * when the other is not: any process that sees the alias may do it.
 */
export async function servedBuilds(
  reads: ReadStore,
  view: View,
  alias: ViewAlias,
  now: Instant,
): Promise<ServedBuilds> {
  const before = alias.previous === alias.generation ? null : alias.previous;
  const both = [alias.generation, ...(before === null ? [] : [before])];
  const ids = both.map((generation) => idOf(view.name, generation));
  const found = await reads.getMany<Build>(BUILDS, ids); // asked several times a second
  const [served = null, previous = null] = both.map(
    (generation) => found.get(idOf(view.name, generation)) ?? unrecorded(view, generation),
  );
  return {
    served: served && (await noted(reads, served, { wasServed: true, replacedAt: null })),
    previous: previous && (await noted(reads, previous, { wasServed: true, replacedAt: previous.replacedAt ?? now })),
  };
}

/** Lost if somebody else was faster: who looks next, sees what is still to note. */
async function noted(reads: ReadStore, build: Build, to: Pick<Build, 'wasServed' | 'replacedAt'>): Promise<Build> {
  const { wasServed, replacedAt } = build;
  if (wasServed === to.wasServed && replacedAt === to.replacedAt) return build;
  const document = { ...build, ...to };
  await reads.declare(BUILDS, ['view']);
  const isNew = (await reads.write(BUILDS, [{ document, expected: null }])).size > 0;
  if (!isNew) await reads.write(BUILDS, [{ document, expected: { wasServed, replacedAt } }]);
  return document;
}
