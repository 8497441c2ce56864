/** projector compare <view> <a> <b>: where the documents of two generations differ. */
import { compareGenerations } from '../compare/generations.js';
import { generationsOf } from '../kept.js';
import { Misuse, viewNamed, withStores, type Io } from './command.js';
import { textOf } from './comparison.js';

/** True if nothing differs and everything could be compared. */
export function compare(io: Io, name: string, a: string, b: string, options: { json?: boolean }): Promise<boolean> {
  const view = viewNamed(io, name);
  return withStores(io, options, async ({ stores, output }) => {
    const kept = (await generationsOf(stores.reads, name)).map(({ generation }) => generation);
    for (const generation of [a, b])
      if (!kept.includes(generation))
        throw new Misuse(`${name} has no generation ${generation}; there are: ${kept.join(', ') || 'none'}`);
    output.progress(`comparing ${a} with ${b}`);
    const comparison = await compareGenerations(stores, view, a, b);
    if (!comparison) throw new Error('the comparison was given up');
    output.result(comparison, textOf(comparison));
    return comparison.differing === 0 && comparison.notCompared === 0;
  });
}
