/** A comparison in words, for people. */
import { table } from '@creator-dashboards/shared/command-line/output';
import type { Comparison } from '../compare/generations.js';

export function textOf(comparison: Comparison & { readonly _id?: string }): string {
  const { view, a, b, sampled, compared, differing, notCompared, newlyParked, digests, events, paths, morePaths } =
    comparison;
  const sides = [a, b].map(({ generation, fingerprints, position, documents, parked }, index) => [
    `${index === 0 ? 'a' : 'b'}: ${generation}`,
    fingerprints?.fold ?? '-',
    BigInt(position),
    documents,
    parked,
    (index === 0 ? digests.a : digests.b).slice(0, 16),
  ]);
  const range = events ? `, as of positions ${events.from} to ${events.to}` : '';
  return [
    `${comparison._id ? `report ${comparison._id}: ` : ''}${view}: ${compared} documents compared${sampled ? ' (a sample)' : ''}${range}: ${differing} differ, ${notCompared} could not be compared, ${newlyParked} are parked in b only`,
    table(['GENERATION', 'CODE', 'POSITION', 'DOCUMENTS', 'PARKED', 'DIGEST'], sides),
    ...(paths.length > 0
      ? ['', table(['PATH', 'DOCUMENTS'], paths.map((one) => [one.path, one.documents]))] // prettier-ignore
      : []),
    ...(morePaths > 0 ? [`and ${morePaths} more`] : []),
    ...paths.flatMap(({ path, examples }) => [
      '',
      `${path}, for example:`,
      ...examples.map(
        (one) => `  ${one.key}: ${one.path} is ${one.a ?? 'not there'} in a, ${one.b ?? 'not there'} in b`,
      ),
    ]),
    ...comparison.notComparedKeys.map(({ key, reason }) => `${key} could not be compared: ${reason}`),
    ...comparison.newlyParkedKeys.map(({ key, reason }) => `${key} is parked in b only: ${reason}`),
  ].join('\n');
}
