import { expect } from 'chai';
import { checkName, keyWrapping } from '../../src/adapters/key-wrapping.js';
import { KeyMissing, StoreFailed } from '../../src/store-errors.js';

const MASTER_KEY = 'a master key for tests only';
const bytesTo = (end: number) => Uint8Array.from({ length: end }, (_, index) => index);
const random = { bytes: bytesTo };

describe('A wrapped key', () => {
  const wrapping = keyWrapping([MASTER_KEY], random);
  // Python, hkdf(purpose, n) = HKDF(SHA256(), n, b'', b'creator-dashboards key store ' + purpose).derive(MASTER_KEY):
  // name = hkdf(b'name', 8).hex(); bound = json.dumps(['creator-dashboards wrapped key', 1, name, 'alice'], separators=(',', ':'))
  // bytes([1]) + bytes.fromhex(name) + bytes(range(12)) + AESGCM(hkdf(b'wrap', 32)).encrypt(bytes(range(12)), bytes(range(32)), bound)
  const NAME = '0b70ce2cc1d8605b';
  const pinned = Buffer.from(
    `01${NAME}000102030405060708090a0bb4fbdebe047030b6b07403f1f5d7a06e6605567784953167f16e1043ba95cad4da6594930fcb2a34c9b7bcc7f12578d9`,
    'hex',
  );
  const faultOf = (work: () => unknown): Error => {
    try {
      work();
    } catch (error) {
      return error as Error;
    }
    return expect.fail('it was unwrapped');
  };
  const changed = (at: number) => pinned.map((byte, index) => (index === at ? byte ^ 1 : byte));

  it('has a form that never changes: what was wrapped once can be unwrapped for ever', () => {
    expect(wrapping.name).to.equal(NAME);
    expect(Buffer.from(wrapping.makeKey('alice')).toString('hex')).to.equal(pinned.toString('hex'));
    expect(Buffer.from(wrapping.unwrap('alice', pinned))).to.deep.equal(Buffer.from(bytesTo(32)));
  });

  it('is refused when it is cut short, too long, of another form, of another subject, or changed anywhere', () => {
    const others = [pinned.subarray(0, -1), Buffer.concat([pinned, Buffer.of(0)]), changed(0), changed(9), changed(68)];
    for (const wrapped of others) {
      const fault = faultOf(() => wrapping.unwrap('alice', wrapped));
      expect(fault).to.be.instanceOf(StoreFailed);
      expect(fault.message).to.equal('the key of alice is damaged; restore the key store from a backup');
    }
    expect(faultOf(() => wrapping.unwrap('bob', pinned)))
      .to.have.property('cause')
      .that.is.instanceOf(Error);
  });

  it('says which MASTER_KEY is missing', () => {
    const fault = faultOf(() => keyWrapping(['another one'], random).unwrap('alice', pinned));
    expect(fault).to.be.instanceOf(KeyMissing);
    expect(fault.message).to.equal(`the MASTER_KEY named ${NAME}, which wraps the key of alice, was not given`);
  });

  it('is wrapped anew by the first MASTER_KEY only where another one wraps it', () => {
    const rotating = keyWrapping(['a new one', MASTER_KEY], random);
    const anew = rotating.rewrap('alice', pinned) ?? expect.fail('it was not wrapped anew');
    expect(keyWrapping(['a new one'], random).unwrap('alice', anew)).to.deep.equal(rotating.unwrap('alice', pinned));
    expect(rotating.rewrap('alice', anew)).to.equal(null);
  });

  it('has its MASTER_KEY named in the store, in the order of their use', () => {
    const rotating = keyWrapping(['a new one', MASTER_KEY], random);
    expect(wrapping.named(undefined, 'here')).to.equal(NAME);
    const both = rotating.named(NAME, 'here');
    expect(both).to.equal(`${NAME},${rotating.name}`);
    expect(rotating.named(both, 'here')).to.equal(both);
    expect(() => wrapping.named(both, 'here')).to.throw(StoreFailed, 'here holds keys of another MASTER_KEY');
  });

  it('needs a MASTER_KEY, and a name that every store can carry', () => {
    expect(() => keyWrapping([], random)).to.throw(RangeError, 'a key store needs a MASTER_KEY');
    for (const name of ['', 'a\0b']) expect(() => checkName(name)).to.throw(RangeError, 'without NUL');
    checkName('alice');
  });
});
