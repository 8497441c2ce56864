/**
 * A generation is one build of a view: "v1" from projection version 1, "v1-2" rebuilt from the same version. Its documents have
 * the shape that this version gives them.
 */
import type { Alias } from './alias.js';
import type { View } from './view.js';

export function generationOf(version: number, serial = 1): string {
  return serial === 1 ? `v${version}` : `v${version}-${serial}`;
}

/** The projection version of a generation. Throws RangeError for an invalid name. */
export function versionOf(generation: string): number {
  return partsOf(generation).version;
}

/** The serial number of this build of its version, from 1. */
export function serialOf(generation: string): number {
  return partsOf(generation).serial;
}

function partsOf(generation: string): { version: number; serial: number } {
  const match = /^v(\d+)(?:-(\d+))?$/.exec(generation);
  if (!match) throw new RangeError(`not a generation: ${generation}`);
  return { version: Number(match[1]), serial: Number(match[2] ?? 1) };
}

/** The code that made a generation, the view's own or the kept one; null where it is not here. Only that code may feed or judge it. */
export function codeOf(view: View, generation: string): View | null {
  return [view, view.kept].find((code) => code?.version === versionOf(generation)) ?? null;
}

/**
 * The generation that code of this version shows: the served one, or the newest of those served before it where newer code has taken
 * over. Null when it can present none, since their documents have another shape than it knows.
 */
export function generationToShow(
  { generation, previous = null, earlier = [] }: Pick<Alias, 'generation' | 'previous' | 'earlier'>,
  { version, presentsFrom = version, kept }: Pick<View, 'version' | 'presentsFrom' | 'kept'>,
): string | null {
  const canPresent = (one: string) =>
    (versionOf(one) >= presentsFrom && versionOf(one) <= version) || versionOf(one) === kept?.version;
  return [generation, ...(previous === null ? [] : [previous]), ...earlier].find(canPresent) ?? null;
}
