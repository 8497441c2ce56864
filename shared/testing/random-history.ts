/**
 * Random histories that could have happened: every event follows from the ones before. Beside the events are the counts
 * a person would make, so that a projection is measured against the rules and not only against itself.
 */
import type { RecordedEvent } from '../src/ports.js';
import { history } from './given.js';
import fc from 'fast-check';
import { ACTIONS, createCreator, type Expected } from './random-creator.js';

export interface RandomHistory {
  readonly log: readonly RecordedEvent[];
  /** By the creator's userId. */
  readonly expected: ReadonlyMap<string, Expected>;
}

type Dice = readonly [creator: number, action: number, choice: number];

const CREATORS = 3;

export const randomHistory: fc.Arbitrary<RandomHistory> = fc
  .array(fc.tuple(fc.nat(CREATORS - 1), fc.nat(ACTIONS - 1), fc.nat(7)), { maxLength: 120 })
  .map(historyOf);

function historyOf(dice: readonly Dice[]): RandomHistory {
  const creators = Array.from({ length: CREATORS }, (_, n) => createCreator(n));
  const given = creators.flatMap((creator) => creator.beginning);
  for (const [creator, action, choice] of dice) given.push(...(creators[creator]?.act(action, choice) ?? []));
  given.push(...(creators.at(-1)?.ending ?? []));
  return {
    log: history(given),
    expected: new Map(creators.map(({ userId, expected }) => [userId, expected])),
  };
}
