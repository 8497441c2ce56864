import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { expect } from 'chai';
import { holdsFor, meetingOf } from '../../src/compare/holds.js';
import { announces, countedPath, differingFields } from '../../src/compare/paths.js';

const at = (position: bigint, rest: Partial<FoldedDocument> = {}) => ({ _id: 'k', position, ...rest });

describe('A document that was read while its feed runs', () => {
  it('is right from its position to the checkpoint read before it, or for its own position only', () => {
    expect(holdsFor(at(5n), 9n)).to.deep.equal({ from: 5n, until: 9n });
    expect(holdsFor(at(12n), 9n)).to.deep.equal({ from: 12n, until: 12n });
  });
  it('was not there up to the checkpoint where none was found', () => {
    expect(holdsFor(null, 9n)).to.deep.equal({ from: 0n, until: 9n });
  });
  it('is right up to the event before the one it is parked from', () => {
    expect(holdsFor(at(5n, { parked: true, parkedFrom: '8' }), 20n)).to.deep.equal({ from: 5n, until: 7n });
    expect(holdsFor(at(5n, { parked: true, parkedFrom: '8' }), 6n)).to.deep.equal({ from: 5n, until: 6n });
    expect(holdsFor(at(0n, { parked: true, parkedFrom: '1' }), 6n)).to.deep.equal({ from: 0n, until: 0n });
  });
  it('can be compared with another where both are right for one position', () => {
    expect(meetingOf({ from: 5n, until: 9n }, { from: 9n, until: 9n })).to.equal(9n);
    expect(meetingOf({ from: 9n, until: 12n }, { from: 5n, until: 20n })).to.equal(12n);
    expect(meetingOf({ from: 5n, until: 9n }, { from: 10n, until: 10n })).to.equal(null);
    expect(meetingOf({ from: 10n, until: 10n }, { from: 5n, until: 9n })).to.equal(null);
  });
});

describe('Fields that differ', () => {
  const paths = (a: object, b: object) =>
    differingFields({ ...at(1n), ...a }, { ...at(2n), ...b }).map((one) => [one.path, one.a, one.b]);

  it('are named by their whole path, with both values', () => {
    const a = { total: 5, levels: [{ amount: 1 }, { amount: 2 }], one: { x: null } };
    const b = { total: 5, levels: [{ amount: 1 }, { amount: 3 }, { amount: 4 }], one: { x: {} } };
    expect(paths(a, b)).to.deep.equal([
      ['levels.1.amount', '2', '3'],
      ['levels.2', undefined, '{"amount":4}'],
      ['one.x', 'null', '{}'],
    ]);
  });
  it('are none where only the order of fields differs, a field is undefined, or the runner made it', () => {
    expect(paths({ a: 1, b: { c: 1, d: 2 }, e: undefined }, { b: { d: 2, c: 1 }, a: 1 })).to.deep.equal([]);
    expect(paths({ lastEvent: 'x', parked: true, parkedFrom: '9' }, { lastEvent: 'y' })).to.deep.equal([]);
  });
  it('tell an empty list from an empty object, and 1 from "1"', () => {
    expect(paths({ a: [], b: 1 }, { a: {}, b: '1' })).to.deep.equal([
      ['a', '[]', '{}'],
      ['b', '1', '"1"'],
    ]);
  });
  it('are counted with a star for places in lists', () => {
    expect(countedPath('levels.12.amount')).to.equal('levels.*.amount');
    expect(countedPath('v1.a2')).to.equal('v1.a2');
  });
  it('are announced by their path, by a pattern, or by what they are in', () => {
    for (const pattern of ['levels.*.amount', 'levels.*', 'levels', 'levels.2', '*'])
      expect(announces(pattern, 'levels.2.amount'), pattern).to.equal(true);
    for (const pattern of ['level', 'levels.3', 'levels.*.name', 'levels.2.amount.x', 'amount', ''])
      expect(announces(pattern, 'levels.2.amount'), pattern).to.equal(false);
  });
});
