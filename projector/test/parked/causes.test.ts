import { expect } from 'chai';
import { causesOf } from '../../src/parked/causes.js';
import type { ParkedKey } from '../../src/parked/keys.js';

const parked = (changes: Partial<ParkedKey>): ParkedKey => ({
  consumer: 'mailbox',
  key: 'a',
  parkedFrom: '20',
  event: 'an event',
  type: 'MessageDelivered',
  since: '2026-01-01T00:00:02.000Z',
  error: 'paid: expected boolean',
  ...{ held: 0, heldSince: null },
  retry: false,
  ...changes,
});
const errorsOf = (...errors: string[]) => causesOf(errors.map((error) => parked({ error }))).map(({ error }) => error);

describe('The causes of parked keys', () => {
  it('are one for the same type and error across consumers, with the oldest event, the most keys first', () => {
    const causes = causesOf([
      parked({ type: 'MessageSent', since: null }),
      parked({ since: '2026-01-01T00:00:03.000Z', retry: true }),
      parked({ key: 'b' }),
      parked({ consumer: 'policy.levels', since: '2026-01-01T00:00:04.000Z' }),
    ]);
    expect(causes.map(({ cause: _, ...rest }) => rest)).to.deep.equal([
      {
        type: 'MessageDelivered',
        error: 'paid: expected boolean',
        keys: 3,
        consumers: { mailbox: 2, 'policy.levels': 1 },
        since: '2026-01-01T00:00:02.000Z',
        retry: 1,
      },
      {
        type: 'MessageSent',
        error: 'paid: expected boolean',
        keys: 1,
        consumers: { mailbox: 1 },
        since: null,
        retry: 0,
      },
    ]);
    expect(new Set(causes.map(({ cause }) => cause))).to.have.lengthOf(2);
    expect(causes[0]?.cause).to.match(/^[0-9a-f]{8}$/);
  });

  it('do not depend on ids, numbers and the place of the event', () => {
    const place = (position: number, id: string) =>
      `MessageDelivered at position ${position}, revision 1 of message-${id}: paid: expected boolean`;
    const [one, other] = ['29069216-f6d4-5804-af6a-36d16357af4c', '39069216-f6d4-5804-af6a-36d16357af4d'];
    expect(errorsOf(place(20, one), place(31, other))).to.deep.equal(['paid: expected boolean']);
    expect(errorsOf(`no wallet of ${one} has 12.50`, `no wallet of ${other} has -3`)).to.deep.equal([
      'no wallet of … has …',
    ]);
    expect(errorsOf(`unknown digest ${'a1'.repeat(20)}`, `unknown digest ${'b2'.repeat(20)}`)).to.deep.equal([
      'unknown digest …',
    ]);
    expect(
      errorsOf(`unknown event type Gone at position 3, revision 0 of message-${one}`),
      'an error that ends with the place',
    ).to.deep.equal(['unknown event type']);
  });

  it('are several where errors differ in a word', () => {
    expect(errorsOf('paid: expected boolean', 'paid: expected string')).to.have.lengthOf(2);
  });
});
