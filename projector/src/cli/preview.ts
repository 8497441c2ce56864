/** projector preview <view>: what this code would change in the documents that are served. */
import { refusalsOf } from '../compare/judge.js';
import { previewView } from '../compare/preview.js';
import { changesOf } from '../rebuild/gate.js';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { viewNamed, withStores, type Io } from './command.js';
import { textOf } from './comparison.js';

export interface PreviewOptions {
  readonly json?: boolean;
  readonly sample: string;
  readonly id?: readonly string[];
}

const MAX_SAMPLE = 100_000;

/** True if the gate would let it through, as far as the sample tells. */
export function preview(io: Io, name: string, { sample, id: ids, ...options }: PreviewOptions): Promise<boolean> {
  const view = viewNamed(io, name);
  const size = Number(sample);
  if (!Number.isInteger(size) || size < 1 || size > MAX_SAMPLE)
    throw new Misuse(`--sample takes a number of documents, 1 to ${MAX_SAMPLE}`);
  return withStores(io, options, async ({ stores, output }) => {
    output.progress(`folding a sample of ${name}`);
    const found = await previewView(stores, view, ids ? { ids } : { sample: size });
    if (!found) throw new Error(`${name} is not served yet: there is nothing to compare with`);
    if (ids && found.compared + found.newlyParked === 0)
      throw new Error(`${name} has none of these documents, and would have none`);
    const refusals = refusalsOf(found, {
      paths: await changesOf(stores.reads, view, found.a.generation),
      accepted: null,
    });
    const verdict =
      refusals.length > 0 ? `The gate would hold it: ${refusals.join('; ')}` : 'The gate would let it through.';
    output.result({ ...found, refusals }, `${textOf(found)}\n\n${verdict}`);
    return refusals.length === 0;
  });
}
