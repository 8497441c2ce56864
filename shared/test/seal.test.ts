import { openKeyStore } from '../src/adapters/sqlite/key-store.js';
import type { KeyStore, Sealed } from '../src/ports.js';
import { createDigest, createSealer, KEY_CACHE_MS, SubjectErased, type Sealer } from '../src/seal.js';
import { rejection } from '../testing/contract.js';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('Sealed values (9.8)', () => {
  const anna = '11111111-1111-4111-8111-111111111111';
  let folder: string;
  let keys: KeyStore;
  let now: number;
  let sealer: Sealer;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seal-'));
    keys = openKeyStore(join(folder, 'keys.db'), 'a master key for tests only');
    now = 1_000_000;
    sealer = createSealer(keys, { now: () => now });
  });
  afterEach(async () => {
    await keys.close();
    rmSync(folder, { recursive: true });
  });

  it('reveal nothing of their content, and can be opened again and again', async () => {
    const sealed = await sealer.seal(anna, { iban: 'DE89370400440532013000' });
    expect(JSON.stringify(sealed)).not.to.contain('DE8937');
    expect(sealed.subject).to.equal(anna);
    for (let time = 0; time < 3; time += 1)
      expect(await sealer.open(sealed)).to.deep.equal({ iban: 'DE89370400440532013000' });
    expect(await sealer.open(null)).to.equal(null);
  });

  it('cannot be opened with a key that was destroyed while it was being fetched', async () => {
    const sealed = await sealer.seal(anna, 'private');
    let release = (): void => undefined;
    const slow: KeyStore = {
      ...keys,
      async get(subject) {
        const key = await keys.get(subject);
        await new Promise<void>((resolve) => (release = resolve));
        return key;
      },
    };
    const reader = createSealer(slow, { now: () => now });
    const first = reader.open(sealed);
    await new Promise((resolve) => setImmediate(resolve));
    const letFirst = release;
    await keys.destroy(anna);
    reader.forget(anna);
    const second = reader.open(sealed);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await second).to.equal(null);
    letFirst();
    await first;
    const third = reader.open(sealed);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await third).to.equal(null);
  });

  it('have a nonce of 12 bytes and a tag of 16, as GCM requires', async () => {
    const { nonce, tag } = await sealer.seal(anna, 'any');
    expect([nonce, tag].map((text) => Buffer.from(text, 'base64').length)).to.deep.equal([12, 16]);
  });

  it('are AES-256-GCM over the JSON, bound to the subject: what was sealed once opens for ever', async () => {
    const bytesTo = (end: number) => Uint8Array.from({ length: end }, (_, index) => index);
    const fixed: KeyStore = { ...keys, get: async () => bytesTo(32), getOrCreate: async () => bytesTo(32) };
    const known = createSealer(fixed, { now: () => now }, { bytes: bytesTo });
    // Python: AESGCM(bytes(range(32))).encrypt(bytes(range(12)), b'{"iban":"DE89"}', anna.encode())
    const pinned: Sealed<object> = {
      subject: anna,
      nonce: 'AAECAwQFBgcICQoL',
      ciphertext: 'PCC/eaSL4CGvBdKziMsF',
      tag: 'q/jJqR5pQEQPe1JuPzQg+Q==',
    };
    expect(await known.seal(anna, { iban: 'DE89' })).to.deep.equal(pinned);
    expect(await known.open(pinned)).to.deep.equal({ iban: 'DE89' });
  });

  it('never look alike, even for equal values', async () => {
    const [one, other] = [await sealer.seal(anna, 'same'), await sealer.seal(anna, 'same')];
    expect(one.ciphertext).not.to.equal(other.ciphertext);
    expect(one.nonce).not.to.equal(other.nonce);
  });

  it('cannot be opened after tampering, whether the true value was opened before or not', async () => {
    const sealed = await sealer.seal(anna, 'true');
    const forgeries = (['nonce', 'ciphertext', 'tag'] as const).map((part) => {
      const bytes = Buffer.from(sealed[part], 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return { ...sealed, [part]: bytes.toString('base64') };
    });
    for (const forged of forgeries) expect(await rejection(sealer.open(forged))).to.be.instanceOf(Error);
    expect(await sealer.open(sealed)).to.equal('true');
    for (const forged of forgeries) expect(await rejection(sealer.open(forged))).to.be.instanceOf(Error);
    const berta = '22222222-2222-4222-8222-222222222222';
    await sealer.seal(berta, 'hers');
    expect(await rejection(sealer.open({ ...sealed, subject: berta }))).to.be.instanceOf(Error);
  });

  it('read as null once the key is destroyed: here at once, elsewhere when the key has left the cache', async () => {
    const elsewhere = createSealer(keys, { now: () => now });
    const sealed = await sealer.seal(anna, 'gone soon');
    expect(await elsewhere.open(sealed)).to.equal('gone soon');
    await keys.destroy(anna);
    sealer.forget(anna);
    expect(await sealer.open(sealed)).to.equal(null);
    now += KEY_CACHE_MS - 1;
    expect(await elsewhere.open(sealed)).to.equal('gone soon');
    now += 1;
    expect(await elsewhere.open(sealed)).to.equal(null);
  });

  it('cannot be created for an erased subject', async () => {
    await keys.destroy(anna);
    expect(await rejection(sealer.seal(anna, 'too late'))).to.be.instanceOf(SubjectErased);
  });

  it('have digests that are equal only for equal values of one kind under one master key', () => {
    const digest = createDigest('a master key for tests only');
    expect(digest('email', 'a@b.example')).to.match(/^[0-9a-f]{40}$/);
    expect(digest('email', 'a@b.example')).to.equal(digest('email', 'a@b.example'));
    expect(digest('username', 'a@b.example')).not.to.equal(digest('email', 'a@b.example'));
    expect(createDigest('another master key')('email', 'a@b.example')).not.to.equal(digest('email', 'a@b.example'));
  });

  it('have digests that never change: streams are named by them, so a different digest would lose every reservation', () => {
    // key=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt key:'a master key for tests only' \
    //   -kdfopt info:'creator-dashboards digest' -binary HKDF | od -An -tx1 | tr -d ' \n')
    // printf 'email\0a@b.example' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key, the first 40 digits
    expect(createDigest('a master key for tests only')('email', 'a@b.example')).to.equal(
      '1717eefd72ce22f2bc704479c28f6852cf6ab9c6',
    );
  });
});
