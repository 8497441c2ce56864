import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { expect } from 'chai';

/** For an event: its data, the fields of the state that differ after it, and what of the full state differs before it. */
type Row<S, Data> = readonly [data: Data, changes: Partial<S>, before?: Partial<S>];

/** The part of a decider under test. A method, so that a test may leave out events that never lead to such a state. */
interface Evolving<S, E> {
  readonly initial: S;
  evolve(state: S, event: E): S;
}

/** One row per event type; the compiler asks for new ones. */
type Table<S, E extends DomainEvent> = { readonly [T in E['type']]: Row<S, Extract<E, { type: T }>['data']> };

/**
 * The law of `evolve`: an event changes what it is about, and loses nothing else of the state. Defines a test per event, on a state with a
 * distinct value in every field.
 */
export function eachEventChangesOnly<S extends object, E extends DomainEvent>(
  { initial, evolve }: Evolving<S, E>,
  full: S,
  table: Table<S, E>,
) {
  it('is tested on a state with a distinct value in every field', () => {
    for (const [field, nothing] of Object.entries(initial))
      expect(full, 'the full state').to.have.property(field).that.does.not.deep.equal(nothing);
  });
  for (const [type, [data, changes, before]] of Object.entries<Row<S, unknown>>(table)) {
    const changed = Object.keys(changes);
    it(`on ${type} changes ${changed.join(', ') || 'nothing'}${changed.length > 0 ? ' and nothing else' : ''}`, () => {
      const state: S = { ...full, ...before };
      for (const [field, value] of Object.entries(changes))
        expect(state, `${field} before`).to.satisfy((was: Record<string, unknown>) => differ(was[field], value));
      expect(evolve(state, { type, data } as E)).to.deep.equal({ ...state, ...changes });
    });
  }
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
