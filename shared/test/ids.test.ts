import { expect } from 'chai';
import {
  bioPageIdOf,
  commandIdOf,
  creatorIdOf,
  derivedId,
  eventIdOf,
  followUpIdOf,
  messageIdOf,
  newId,
  payoutIdOf,
} from '../src/ids.js';

const USER = '0198C5F0-7A3B-7C1E-9A55-3D1F8F2F7CAB';
const COMMAND = '11111111-2222-4333-8444-555555555555';

/**
 * What follows from what is in every log for ever: a change here makes other streams, and repeats what was done. The expected ids are
 * version 5 in the namespace 6f1d0c5e-6b0a-5c37-9a55-3d1f8f2f7c11 of the parts as a JSON list, as Python's `uuid.uuid5` has them.
 */
describe('an id', () => {
  it('that is derived follows from its parts, each by itself, in the namespace of this system', () => {
    expect(derivedId('a', 'b')).to.equal('1978ad21-f15d-5ee2-ae8e-5143c0f22b71');
    expect(derivedId('ab')).to.equal('6c59feee-8c45-5937-bbff-0cb1173bc7b6');
    expect(derivedId('a b')).to.equal('0cc8bc4c-e4bf-5799-9126-d9d4db7cf119');
  });

  it("of a creator's stream ends as the id of the creator's user does, in lower case", () => {
    expect(creatorIdOf(USER)).to.equal('b1af89dc-4441-52d4-87f3-2494460250ab');
    expect(bioPageIdOf(USER)).to.equal('1100d87a-2acb-5cf9-9a9a-256a7fe4dfab');
    expect(messageIdOf(COMMAND, USER)).to.equal('b57e2d46-c46b-55c2-a6a7-d4d0e7ca0eab');
    expect(payoutIdOf(COMMAND, USER)).to.equal('88cacc35-c31a-53fb-8b82-43bdd55cedab');
  });

  it('of a command follows from its actor, route and key; nobody is a public actor', () => {
    expect(commandIdOf('u1', 'POST', '/messages', 'k')).to.equal('9de6ea09-1ad9-5e1f-9957-d32b74881546');
    expect(commandIdOf(null, 'POST', '/messages', 'k')).to.equal('ae5ec76b-aec4-532b-ac02-36ead4e78726');
  });

  it('of an event follows from its command, stream and place; that of a follow-up from its cause, policy and target', () => {
    expect(eventIdOf(COMMAND, 'message-1', 2)).to.equal('78216d73-5296-5409-ba98-f6c6af7e67e2');
    expect(followUpIdOf(COMMAND, 'levels', 'creator-1')).to.equal('c5642a01-ab68-5ad6-9b2f-c6640edc80c5');
  });

  it('that is new is of version 7: the time in front, then chance, both as given', () => {
    const at = { now: () => 0x0198_c5f0_7a3b };
    const of = (byte: number) => newId({ clock: at, random: { bytes: (count) => new Uint8Array(count).fill(byte) } });
    expect(of(0)).to.equal('0198c5f0-7a3b-7000-8000-000000000000');
    expect(of(0xff)).to.match(/^0198c5f0-7a3b-7[0-9a-f]{3}-bfff-ffffffffffff$/);
  });

  it('that is new is of the time and chance of the system unless given, and later than the one before', () => {
    const [first, second] = [newId(), newId()];
    expect(first).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first < second).to.equal(true);
  });
});
