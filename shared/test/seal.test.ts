import { openKeyStore } from '../src/adapters/sqlite/key-store.js';
import type { KeyStore, RecordedEvent, Sealed } from '../src/ports.js';
import { kinds, type BankDetails } from '../src/events/sealed.js';
import { createSealer, digestWith, KEY_CACHE_MS, SubjectErased, type Sealer } from '../src/seal.js';
import { KeyMissing, StoreUnavailable } from '../src/store-errors.js';
import { rejection } from '../testing/contract.js';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('Sealed values (9.8)', () => {
  const bank = kinds.bankDetails;
  const details: BankDetails = {
    iban: 'DE89370400440532013000',
    bankName: null,
    accountHolderName: null,
    swiftCode: null,
    bankCountry: null,
  };
  const anna = '11111111-1111-4111-8111-111111111111';
  let folder: string;
  let keys: KeyStore;
  let now: number;
  let sealer: Sealer;
  /** Whose stream exists. */
  let accounts: Set<string>;
  const sealerOn = (store: KeyStore, onMissing?: (error: KeyMissing) => void) =>
    createSealer({
      keys: store,
      events: { readStream: async (stream) => (accounts.has(stream) ? [{} as RecordedEvent] : []) },
      clock: { now: () => now },
      onMissing,
    });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seal-'));
    keys = openKeyStore(join(folder, 'keys.db'), ['a master key for tests only']);
    accounts = new Set();
    now = 1_000_000;
    sealer = sealerOn(keys);
  });
  afterEach(async () => {
    await keys.close();
    rmSync(folder, { recursive: true });
  });

  it('reveal nothing of their content, and can be opened again and again', async () => {
    const sealed = await sealer.seal(bank, anna, details);
    expect(JSON.stringify(sealed)).not.to.contain('DE8937');
    expect(sealed.subject).to.equal(anna);
    for (let time = 0; time < 3; time += 1) expect(await sealer.open(bank, sealed)).to.deep.equal(details);
    expect(await sealer.open(bank, null)).to.equal(null);
  });

  it('cannot be opened with a key that was destroyed while it was being fetched', async () => {
    const sealed = await sealer.seal(kinds.reason, anna, 'private');
    let release = (): void => undefined;
    const slow: KeyStore = {
      ...keys,
      async get(subject) {
        const key = await keys.get(subject);
        await new Promise<void>((resolve) => (release = resolve));
        return key;
      },
    };
    const reader = sealerOn(slow);
    const first = reader.open(kinds.reason, sealed);
    await new Promise((resolve) => setImmediate(resolve));
    const letFirst = release;
    await keys.destroy(anna);
    reader.forget(anna);
    const second = reader.open(kinds.reason, sealed);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await second).to.equal(null);
    letFirst();
    await first;
    const third = reader.open(kinds.reason, sealed);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await third).to.equal(null);
  });

  it('have a nonce of 12 bytes and a tag of 16, as GCM requires', async () => {
    const { nonce, tag } = await sealer.seal(kinds.reason, anna, 'any');
    expect([nonce, tag].map((text) => Buffer.from(text, 'base64').length)).to.deep.equal([12, 16]);
  });

  it('are AES-256-GCM over the JSON, bound to subject, key, kind and version: what was sealed once opens for ever', async () => {
    const bytesTo = (end: number) => Uint8Array.from({ length: end }, (_, index) => index);
    const fixed: KeyStore = { ...keys, get: async () => bytesTo(32) };
    const events = { readStream: async () => [] };
    const known = createSealer({ keys: fixed, events, clock: { now: () => now }, random: { bytes: bytesTo } });
    // Python: key = bytes(range(32)); keyId = hmac.new(key, b'creator-dashboards key id', 'sha256').hexdigest()[:16]
    // bound = json.dumps(['creator-dashboards seal', 1, anna, keyId, 'bankDetails', 1], separators=(',', ':')).encode()
    // AESGCM(key).encrypt(bytes(range(12)), b'{"iban":"DE89"}', bound)
    const pinned: Sealed<BankDetails> = {
      subject: anna,
      keyId: '7cb92db2d99d4fb4',
      nonce: 'AAECAwQFBgcICQoL',
      ciphertext: 'PCC/eaSL4CGvBdKziMsF',
      tag: 'XcHE2abB22S8MoFldARU5g==',
    };
    const content = { iban: 'DE89' } as BankDetails;
    expect(await known.seal(bank, anna, content)).to.deep.equal(pinned);
    expect(await known.open(bank, pinned)).to.deep.equal(content);
  });

  it('open only as the kind and version that they were sealed as, whether opened before or not', async () => {
    const sealed = await sealer.seal(kinds.reason, anna, 'because');
    const others = [kinds.email, { ...kinds.reason, version: 2 }];
    for (const other of others) expect(await rejection(sealer.open(other, sealed))).to.be.instanceOf(Error);
    expect(await sealer.open(kinds.reason, sealed)).to.equal('because');
    for (const other of others) expect(await rejection(sealer.open(other, sealed))).to.be.instanceOf(Error);
  });

  it('have a kind and a version that no other value has', () => {
    const named = Object.entries(kinds).map(([field, { name, version }]) => [field, `${name} ${version}`]);
    expect(named).to.deep.equal(Object.keys(kinds).map((field) => [field, `${field} 1`]));
  });

  it('cannot be opened with a tag that was cut short, although GCM knows such tags', async () => {
    const sealed = await sealer.seal(kinds.reason, anna, 'because');
    for (const bytes of [4, 8, 12, 15]) {
      const tag = Buffer.from(sealed.tag, 'base64').subarray(0, bytes).toString('base64');
      expect(await rejection(sealer.open(kinds.reason, { ...sealed, tag }))).to.be.instanceOf(Error);
    }
  });

  it('are remembered by all their parts: parts that only read alike in a row are another seal', async () => {
    const sealed = await sealer.seal(kinds.reason, anna, 'because');
    expect(await sealer.open(kinds.reason, sealed)).to.equal('because');
    const { nonce, tag } = sealed;
    const shifted = { ...sealed, nonce: nonce + tag.slice(0, 4), tag: tag.slice(4) };
    expect(await rejection(sealer.open(kinds.reason, shifted))).to.be.instanceOf(Error);
  });

  it('cannot be opened without their own key, and opening creates none', async () => {
    const sealed = await sealer.seal(kinds.reason, anna, 'because');
    const older = openKeyStore(join(folder, 'older.db'), ['a master key for tests only']);
    const missed: string[] = [];
    const restored = sealerOn(older, ({ message }) => missed.push(message));
    expect(await rejection(restored.open(kinds.reason, sealed))).to.be.instanceOf(KeyMissing);
    expect(await older.get(anna)).to.equal('none');
    expect(await rejection(restored.isErased(anna))).to.be.instanceOf(KeyMissing);
    await older.getOrCreate(anna);
    expect(await rejection(restored.open(kinds.reason, sealed)), 'another key').to.be.instanceOf(KeyMissing);
    const remedy = 'the key store is older than the log; restore its newest backup';
    expect(missed).to.deep.equal([
      `${anna} has seals but no key: ${remedy}`,
      `${anna} has seals but no key: ${remedy}`,
      `a seal of ${anna} names the key ${sealed.keyId}, which is not hers here: ${remedy}`,
    ]);
    await older.close();
  });

  it('tell whether their subject was erased', async () => {
    await sealer.seal(kinds.reason, anna, 'because');
    expect(await sealer.isErased(anna)).to.equal(false);
    await keys.destroy(anna);
    sealer.forget(anna);
    expect(await sealer.isErased(anna)).to.equal(true);
  });

  it('report no fault of the key store but a missing key', async () => {
    const missed: unknown[] = [];
    const get = () => Promise.reject(new StoreUnavailable('it', 'is away'));
    const away = sealerOn({ ...keys, get }, (error) => missed.push(error));
    expect(await rejection(away.seal(kinds.reason, anna, 'because'))).to.be.instanceOf(StoreUnavailable);
    expect(missed).to.deep.equal([]);
  });

  it('are never made with a new key for somebody who has an account already', async () => {
    accounts.add(`user-${anna}`);
    const fault = await rejection(sealer.seal(kinds.reason, anna, 'because'));
    expect(fault).to.be.instanceOf(KeyMissing);
    expect(String(fault)).to.include(`${anna} has an account but no key`).and.include('restore its newest backup');
    expect(await keys.get(anna)).to.equal('none');
    accounts.clear();
    await sealer.seal(kinds.reason, anna, 'because');
    accounts.add(`user-${anna}`);
    expect((await sealer.seal(kinds.reason, anna, 'because')).subject).to.equal(anna);
  });

  it('never look alike, even for equal values', async () => {
    const [one, other] = [await sealer.seal(kinds.reason, anna, 'same'), await sealer.seal(kinds.reason, anna, 'same')];
    expect(one.ciphertext).not.to.equal(other.ciphertext);
    expect(one.nonce).not.to.equal(other.nonce);
  });

  it('cannot be opened after tampering, whether the true value was opened before or not', async () => {
    const sealed = await sealer.seal(kinds.reason, anna, 'true');
    const forgeries = (['nonce', 'ciphertext', 'tag'] as const).map((part) => {
      const bytes = Buffer.from(sealed[part], 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return { ...sealed, [part]: bytes.toString('base64') };
    });
    for (const forged of forgeries) {
      const error = await rejection(sealer.open(kinds.reason, forged));
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message, 'what and whose').to.include(`the reason of ${anna} cannot be opened`);
    }
    expect(await sealer.open(kinds.reason, sealed)).to.equal('true');
    for (const forged of forgeries) expect(await rejection(sealer.open(kinds.reason, forged))).to.be.instanceOf(Error);
    const berta = '22222222-2222-4222-8222-222222222222';
    await sealer.seal(kinds.reason, berta, 'hers');
    expect(await rejection(sealer.open(kinds.reason, { ...sealed, subject: berta }))).to.be.instanceOf(Error);
  });

  it('read as null once the key is destroyed: here at once, elsewhere when the key has left the cache', async () => {
    const elsewhere = sealerOn(keys);
    const sealed = await sealer.seal(kinds.reason, anna, 'gone soon');
    expect(await elsewhere.open(kinds.reason, sealed)).to.equal('gone soon');
    await keys.destroy(anna);
    sealer.forget(anna);
    expect(await sealer.open(kinds.reason, sealed)).to.equal(null);
    now += KEY_CACHE_MS - 1;
    expect(await elsewhere.open(kinds.reason, sealed)).to.equal('gone soon');
    now += 1;
    expect(await elsewhere.open(kinds.reason, sealed)).to.equal(null);
  });

  it('cannot be created for an erased subject', async () => {
    await keys.destroy(anna);
    const fault = await rejection(sealer.seal(kinds.reason, anna, 'too late'));
    expect(fault).to.be.instanceOf(SubjectErased);
    expect(String(fault)).to.include(`the key of ${anna} was destroyed`);
  });

  it('have digests that are equal only for equal values of one kind under one key', () => {
    const digest = digestWith(Buffer.alloc(32, 1));
    expect(digest('email', 'a@b.example')).to.match(/^[0-9a-f]{40}$/);
    expect(digest('email', 'a@b.example')).to.equal(digest('email', 'a@b.example'));
    expect(digest('username', 'a@b.example')).not.to.equal(digest('email', 'a@b.example'));
    expect(digestWith(Buffer.alloc(32, 2))('email', 'a@b.example')).not.to.equal(digest('email', 'a@b.example'));
  });

  it('have digests that never change: streams are named by them, so a different digest would lose every reservation', () => {
    // printf 'email\0a@b.example' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '01%.0s' $(seq 32)), the first 40 digits
    expect(digestWith(Buffer.alloc(32, 1))('email', 'a@b.example')).to.equal(
      '62ba64540bd4a478e39516aa6a65014158aea564',
    );
  });
});
