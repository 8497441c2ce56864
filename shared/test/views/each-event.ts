import { expect } from 'chai';
import { applyTo, type Content, type Fold, type FoldedDocument } from '../../src/fold.js';
import { history, type GivenEvent } from '../../testing/given.js';

/** For an event: the fields of the document that differ after it, and what of the full document differs before it. */
type Row<D extends FoldedDocument> = readonly [
  given: GivenEvent,
  changes: Partial<Content<D>>,
  before?: Partial<Content<D>>,
];

/**
 * The law of a view's fold: an event changes the fields that it is about, and loses nothing else of the document.
 * Defines a test per event, on a document with a distinct value in every field.
 */
export function eachEventChangesOnly<D extends FoldedDocument>(
  fold: Fold<D>,
  full: Content<D>,
  rows: readonly Row<D>[],
) {
  it(`${fold.name}: every event that it handles is tested on a document with a distinct value in every field`, () => {
    const types = rows.map(([{ event }]) => event.type);
    expect(types.toSorted()).to.deep.equal(Object.keys(fold.handlers).sort());
    for (const [field, nothing] of Object.entries(fold.initial))
      expect(full, 'the full document').to.have.property(field).that.does.not.deep.equal(nothing);
  });
  for (const [given, changes, before] of rows) {
    const changed = Object.keys(changes);
    const what = changed.length > 0 ? `${changed.join(', ')} and nothing else` : 'nothing';
    it(`${fold.name}: ${given.event.type} changes ${what}`, () => {
      const [event] = history([given], { after: 10n });
      if (!event) throw new Error('no event was given');
      const key = fold.keyOf(event) ?? '';
      const document = { ...full, ...before, _id: key, position: 10n } as D;
      for (const [field, value] of Object.entries(changes))
        expect(document, `${field} before`).to.have.property(field).that.does.not.deep.equal(value);
      const { position } = event;
      const lastEvent = event.id.slice(0, 8);
      expect(applyTo(fold, key, document, event)).to.deep.equal({ ...document, ...changes, position, lastEvent });
    });
  }
}
