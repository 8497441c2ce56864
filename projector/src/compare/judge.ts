/** Whether a candidate may be served instead of the generation that it was compared with. */
import type { Comparison } from './generations.js';
import { announces } from './paths.js';

/** What may differ. */
export interface Announced {
  /** Patterns of paths, see `announces`; "+document" and "-document" for whole documents. */
  readonly paths: readonly string[];
  /** A comparison that an operator has read and accepted: its paths, and as many documents that could not be compared. */
  readonly accepted: Comparison | null;
}

/** One in a thousand. */
const MAX_NOT_COMPARED = 0.001;
const NAMED = 5;

/** Why it may not, in words; empty if it may. `b` is the candidate. */
export function refusalsOf(comparison: Comparison, { paths, accepted }: Announced): string[] {
  const { a, b, compared, notCompared, newlyParked, morePaths } = comparison;
  const known = new Set(accepted?.paths.map(({ path }) => path));
  const unannounced = comparison.paths.filter(
    ({ path }) => !known.has(path) && !paths.some((pattern) => announces(pattern, path)),
  );
  const parked = Math.max(newlyParked, b.parked - a.parked);
  const refusals: string[] = [];
  if (unannounced.length > 0) {
    const named = unannounced.slice(0, NAMED).map(({ path, documents }) => `${path} (${documents} documents)`);
    const others = unannounced.length - named.length;
    refusals.push(
      `fields differ that were not announced: ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`,
    );
  }
  if (morePaths > 0 && !accepted?.morePaths) refusals.push('more paths differ than a report holds');
  if (notCompared > Math.max(MAX_NOT_COMPARED * (compared + notCompared), accepted?.notCompared ?? 0))
    refusals.push(`${notCompared} of ${compared + notCompared} documents could not be compared`);
  if (parked > 0) refusals.push(`${parked} keys are parked in ${b.generation} that are not in ${a.generation}`);
  return refusals;
}
