import { kinds, type BankDetails } from '@creator-dashboards/shared/events/sealed';
import { createSealer, type Sealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { differences } from '../src/audit/diff.js';
import { createPersonal } from '../src/audit/personal.js';

const bank: BankDetails = { iban: 'DE89', bankName: null, accountHolderName: 'A.', swiftCode: null, bankCountry: 'DE' };

describe('Personal data in what the audit shows', () => {
  let sealer: Sealer;
  let destroyed: Set<string>;
  beforeEach(() => {
    destroyed = new Set();
    const key = Buffer.alloc(32, 7);
    const get = async (subject: string) => (destroyed.has(subject) ? ('destroyed' as const) : key);
    const events = { readStream: async () => [] };
    sealer = createSealer({ keys: { get, getOrCreate: get }, events, clock: systemClock });
  });

  /** A body as a presenter makes it, of an avatar and bank details. */
  async function bodyOf(reveal: boolean, avatar = 'a.png', subject = 'alice') {
    const personal = createPersonal(sealer, reveal);
    const avatarUrl = await personal.open(kinds.avatarUrl, await sealer.seal(kinds.avatarUrl, subject, avatar));
    const opened = await personal.open(kinds.bankDetails, await sealer.seal(kinds.bankDetails, subject, bank));
    const body = {
      level: 'GOLD',
      avatarUrl,
      links: [{ id: 'x', iban: opened?.iban ?? null, bank: opened?.bankName ?? null }],
    };
    return { personal, body };
  }

  it('is masked, and named by its path', async () => {
    const { personal, body } = await bodyOf(false);
    expect(await personal.show(body)).to.deep.equal({
      value: { level: 'GOLD', avatarUrl: null, links: [{ id: 'x', iban: null, bank: null }] },
      masked: ['avatarUrl', 'links.x.iban', 'links.x.bank'],
      erased: [],
    });
  });

  it('is shown on request, a field of a sealed value like a value', async () => {
    const { personal, body } = await bodyOf(true);
    expect(await personal.show(body)).to.deep.equal({
      value: { level: 'GOLD', avatarUrl: 'a.png', links: [{ id: 'x', iban: 'DE89', bank: null }] },
      masked: [],
      erased: [],
    });
  });

  for (const reveal of [true, false])
    it(`is gone after an erasure, whether asked for or not (${reveal})`, async () => {
      const { personal, body } = await bodyOf(reveal);
      destroyed.add('alice');
      const { value, masked, erased } = await personal.show(body);
      expect(value).to.deep.equal({ level: 'GOLD', avatarUrl: null, links: [{ id: 'x', iban: null, bank: null }] });
      expect({ masked, erased }).to.deep.equal({ masked: [], erased: ['avatarUrl', 'links.x.iban', 'links.x.bank'] });
    });

  it('is the same where the sealed values are, not the seals; of erased values only where the seals are', async () => {
    const personal = createPersonal(sealer, false);
    const mark = async (avatar: string, subject = 'alice') =>
      personal.open(kinds.avatarUrl, await sealer.seal(kinds.avatarUrl, subject, avatar));
    const [one, again, other] = [await mark('a.png'), await mark('a.png'), await mark('b.png')];
    const fieldsOf = async (from: unknown, to: unknown) =>
      (await differences({ avatarUrl: from, n: 1 }, { avatarUrl: to, n: 1 }, personal)).map(({ field }) => field);
    expect(await fieldsOf(one, again)).to.deep.equal([]);
    expect(await fieldsOf(one, other)).to.deep.equal(['avatarUrl']);
    expect(await fieldsOf(one, null)).to.deep.equal(['avatarUrl']);
    const nothing = await personal.open(kinds.bankDetails, await sealer.seal(kinds.bankDetails, 'alice', bank));
    expect(await fieldsOf(null, nothing?.bankName), 'a sealed value may have a field without a value').to.deep.equal(
      [],
    );
    const [hers, anew] = [await mark('c.png', 'bob'), await mark('c.png', 'bob')];
    destroyed.add('bob');
    expect(await fieldsOf(hers, hers)).to.deep.equal([]);
    expect(await fieldsOf(hers, anew)).to.deep.equal(['avatarUrl']);
  });

  it('differs by the lowest fields, items of lists being found by their ids', async () => {
    const { personal, body } = await bodyOf(false);
    const fieldsOf = async (from: unknown, to: unknown) => differences(from, to, personal);
    const moved = { ...body, links: [{ id: 'y', n: 1 }, ...body.links] };
    expect(await fieldsOf(body, moved)).to.deep.equal([
      { field: 'links.y.id', from: null, to: 'y' },
      { field: 'links.y.n', from: null, to: 1 },
    ]);
    expect(await fieldsOf({ level: 'GOLD', rates: [1, 2] }, null)).to.deep.equal([
      { field: 'level', from: 'GOLD', to: null },
      { field: 'rates.0', from: 1, to: null },
      { field: 'rates.1', from: 2, to: null },
    ]);
  });
});
