import { expect } from 'chai';
import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headKeys } from '../src/audit/signing.js';
import { bundle, keys, logOf, signed, VERIFIER, verifierSays } from './bundles.js';

const other = headKeys(['another secret']);
/** Of a log of 21 events with heads over 2, 6, 13 and 21 of them; the lines of its bundles begin with 1, as the verifier counts them. */
const PART = { from: 4, to: 16 };
const SIZES = [2, 6, 13, 21];
/** The first line, twelve events, two heads between them, the last line. */
const LINES = 1 + 12 + 2 + 1;

describe('The verifier of bundles', () => {
  let folder: string;
  let keyFile: string;
  let lines: readonly string[];
  let elsewhere: readonly string[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'verify-bundle-'));
    keyFile = join(folder, 'keys.txt');
    writeFileSync(
      keyFile,
      `KEY PUBLIC KEY\n${keys.published.map(({ keyId, publicKey }) => `${keyId}  ${publicKey}`).join('\n')}\n`,
    );
    lines = linesOf(await bundle(await signed(logOf(21, 'here'), SIZES), PART));
    elsewhere = linesOf(await bundle(await signed(logOf(21, 'elsewhere'), SIZES), PART));
    expect(lines).to.have.length(LINES);
  });
  after(() => rmSync(folder, { recursive: true }));

  const linesOf = (text: string) => text.split('\n').slice(0, -1);
  const textOf = (of: readonly string[]) => of.map((line) => `${line}\n`).join('');
  let files = 0;
  function says(text: string | Uint8Array, key = keyFile) {
    const file = join(folder, `bundle-${(files += 1)}`);
    writeFileSync(file, text);
    return verifierSays(file, '--key', key);
  }
  /** That it is refused, with the line that the fault is in, or the end. */
  async function refused(text: string | Uint8Array, place: number | 'end', why = '') {
    const { code, said } = await says(text);
    expect(code, said).to.equal(1);
    expect(said).to.contain(place === 'end' ? 'the end: ' : `line ${place}: `);
    expect(said).to.contain(why).and.to.contain('This bundle is not what was signed.');
  }
  /** The lines with some in place of `count` of them, from one on. */
  const spliced = (line: number, count: number, ...instead: string[]) =>
    textOf([...lines.slice(0, line - 1), ...instead, ...lines.slice(line - 1 + count)]);
  const at = (line: number, of = lines) => of[line - 1] as string;

  it('says what a bundle proves', async () => {
    const { code, said } = await says(textOf(lines));
    expect(said.split('\n')).to.deep.equal([
      'Events 4 to 15 (2026-05-01T04:00:00.000Z to 2026-05-01T15:00:00.000Z) are what was signed, and none is left out between them.',
      said.split('\n')[1],
      'Earlier heads that lead there: 2.',
      '',
    ]);
    expect(said).to.match(
      /\nSigned at 2026-05-02T00:00:21\.000Z, of 21 events, with key [0-9a-f]{16}: root [0-9a-f]{64}\.\n/,
    );
    expect(code).to.equal(0);
  });

  it('accepts bundles of any part of logs of any size, with any heads', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.nat(),
        fc.nat(),
        fc.array(fc.nat(), { maxLength: 9 }),
        async (size, some, more, heads) => {
          const to = 1 + (more % size);
          const sizes = [...new Set([...heads.map((one) => 1 + (one % size)), size])].sort((a, b) => a - b);
          const { code, said } = await says(
            await bundle(await signed(logOf(size, 'x'), sizes), { from: some % to, to }),
          );
          expect(code, said).to.equal(0);
        },
      ),
      { numRuns: 20 },
    ));

  it('refuses any byte that is another one, and names its line', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (some, difference) => {
        const bytes = Buffer.from(textOf(lines));
        const place = some % bytes.length;
        const line = bytes.subarray(0, place).toString('latin1').split('\n').length;
        bytes[place] = (bytes[place] as number) ^ difference;
        await refused(bytes, place === bytes.length - 1 ? 'end' : line);
      }),
      { numRuns: 60 },
    ));

  it('refuses what is cut off anywhere', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), async (some) => {
        const bytes = Buffer.from(textOf(lines));
        const place = some % bytes.length;
        const isFirstLine = place <= at(1).length;
        const { code, said } = await says(bytes.subarray(0, place));
        expect(code).to.equal(1);
        expect(said).to.match(isFirstLine ? /the end: (nothing is there|the last line is cut off)/ : /the end: /);
      }),
      { numRuns: 10 },
    ));

  it('refuses any line that is gone, there twice, or in the place of the one after it', async () => {
    for (let line = 1; line <= LINES; line += 1) {
      const [isLast, isHead] = [line === LINES, at(line).includes('"head"') && line > 1];
      await refused(spliced(line, 1), isLast ? 'end' : isHead ? LINES - 1 : line);
      await refused(spliced(line, 0, at(line)), line + 1);
      // An event stands rightly behind the one before it, wherever the head between them went.
      if (!isLast) await refused(spliced(line, 2, at(line + 1), at(line)), isHead ? line + 1 : line);
    }
  });

  it('refuses what stands behind the end', async () => {
    for (const more of ['\n', ' ', 'x', at(5), `${at(5)}\n`, `${at(LINES)}\n`]) {
      const { code, said } = await says(textOf(lines) + more);
      expect(code, said).to.equal(1);
    }
  });

  it('refuses lines of another log, or in another way of writing the same', async () => {
    for (let line = 1; line < LINES; line += 1)
      await refused(spliced(line, 1, at(line, elsewhere)), line === 1 ? 2 : line);
    const event = JSON.parse(at(5)) as { proof: string[]; event: unknown[] };
    const others = [
      JSON.stringify({ event: event.event, proof: event.proof }),
      JSON.stringify({ ...event, more: 1 }),
      JSON.stringify(event, null, 1).replaceAll('\n', ''),
      `${at(5)}\r`,
      `\ufeff${at(5)}`,
      at(5).replace('Happened', '\\u0048appened'),
      JSON.stringify({ ...event, proof: event.proof.map((hash) => hash.toUpperCase()) }),
      JSON.stringify({ ...event, proof: [...event.proof, event.proof[0]] }),
      JSON.stringify({ ...event, proof: event.proof.slice(1) }),
      JSON.stringify({ ...event, event: [...event.event, null] }),
      JSON.stringify({ ...event, event: [String(event.event[0]), ...event.event.slice(1)] }),
      ...['null', '[]', '7', '""', '{}', '{"event":null}', '{"head":null}', '{"proof":[],"event":{"toString":1}}'],
      '['.repeat(100_000),
    ];
    for (const one of others) await refused(spliced(5, 1, one), 5);
    await refused(spliced(5, 1, 'x'.repeat(17 * 2 ** 20)), 'end', 'longer than any line');
  });

  it('refuses bytes that are no UTF-8, though they are shown as what was signed', async () => {
    const log = logOf(3, 'x').map((event) => ({ ...event, data: { text: '\ufffd' } }));
    const bytes = Buffer.from(await bundle(await signed(log, [3]), { from: 0, to: 3 }));
    expect(await says(bytes)).to.deep.include({ code: 0 });
    const place = bytes.indexOf('\ufffd');
    const others = Buffer.concat([bytes.subarray(0, place), Buffer.of(0xff), bytes.subarray(place + 3)]);
    expect(others.toString()).to.equal(bytes.toString());
    await refused(others, 2);
  });

  it('refuses heads that were not signed so, by any of their fields', async () => {
    const HEAD_AT = lines.findIndex((line, n) => n > 0 && line.includes('"head"')) + 1;
    for (const line of [1, HEAD_AT]) {
      const of = JSON.parse(at(line)) as { head: Record<string, unknown> };
      const { head } = of;
      const forged = [
        { size: 20 },
        { size: String(head.size) },
        { root: 'ab'.repeat(32) },
        { root: [head.root] },
        { signedAt: '2026-05-02T00:00:00.000Z' },
        { signedAt: [head.signedAt] },
        { keyId: other.published[0]?.keyId },
        { keyId: null },
        { signature: Buffer.alloc(64).toString('base64') },
        { signature: String(head.signature).replace(/(.)==$/, (_, last: string) => `${nextLetter(last)}==`) },
        { signature: `${String(head.signature)}=` },
        { signature: null },
      ];
      for (const change of forged) {
        const text = JSON.stringify({ ...of, head: { ...head, ...change } });
        expect(text).to.not.equal(at(line));
        await refused(spliced(line, 1, text), line);
      }
    }
  });

  /** The next one of the alphabet of base64: before `==` its last four bits are of no byte. */
  function nextLetter(letter: string): string {
    return String.fromCharCode(letter.charCodeAt(0) + 1);
  }

  it('refuses a head that was signed, but of another log', async () => {
    const log = await signed(logOf(21, 'here'), SIZES);
    const fork = await signed(logOf(21, 'fork'), [6]);
    const text = at(lines.findIndex((line) => line.includes('"size":6,')) + 1);
    const forged = JSON.stringify({ ...(JSON.parse(text) as object), head: fork.heads[0] });
    await refused(textOf(lines).replace(text, forged), lines.indexOf(text) + 1, 'does not lead to that of 21');
    expect(log.heads[1]?.size).to.equal(6);
  });

  it('refuses a bundle that was signed with a key that was not given, whatever it says itself', async () => {
    const forged = await bundle(await signed(logOf(21, 'here'), SIZES, other), PART);
    await refused(forged, 1, `signed with key ${other.published[0]?.keyId}, which was not given`);
    const both = join(folder, 'both.txt');
    writeFileSync(both, [...other.published, ...keys.published].map(({ publicKey }) => publicKey).join('\n'));
    expect(await says(forged, both)).to.deep.include({ code: 0 });
    expect(await says(textOf(lines), both)).to.deep.include({ code: 0 });
  });

  it('refuses another part than the first line says, and a first line that says none', async () => {
    const first = JSON.parse(at(1)) as object;
    const saying = (change: object) => spliced(1, 1, JSON.stringify({ ...first, ...change }));
    await refused(saying({ to: 17 }), LINES, 'events 16 to 16 are missing before it');
    await refused(saying({ from: 3 }), 2, 'stands where event 3 should be');
    await refused(saying({ to: 15 }), LINES - 1, 'is not of this part of the log');
    for (const change of [
      { to: 4 },
      { to: 22 },
      { from: -1 },
      { from: 4.5 },
      { from: '4' },
      { version: 2 },
      { bundle: 'x' },
    ])
      await refused(saying(change), 1);
  });

  it('names all that is wrong, but for no more than twenty lines, and nothing else', async () => {
    const text = textOf(lines).replace('“5”', '“55”').replace('“11”', '“12”');
    const { said } = await says(text);
    expect(said).to.equal(
      'line 3: event 5 (here-5, Happened in thing-here) is not what was signed\n' +
        'line 10: event 11 (here-11, Happened in thing-here) is not what was signed\n' +
        'This bundle is not what was signed.\n',
    );
    const many = linesOf(await bundle(await signed(logOf(30, 'many'), [30]), { from: 0, to: 30 }));
    const all = await says(textOf(many).replaceAll('Happened', 'Hap\\u001bpened'));
    expect(all.said.split('\n')).to.have.length(20 + 3);
    expect(all.said).to.contain('and 10 more').and.to.not.contain('\u001b');
  });

  it('is misused with exit code 2, and says how it is used', async () => {
    const file = join(folder, 'whole');
    writeFileSync(file, textOf(lines));
    const misuses = [
      [],
      [file],
      ['--key', keyFile],
      [file, file, '--key', keyFile],
      [file, '--key', join(folder, 'nowhere')],
      [file, '--key', file.replace('whole', 'empty')],
      [file, '--key', keyFile, '--fast'],
    ];
    writeFileSync(join(folder, 'empty'), '');
    for (const args of misuses) {
      const { code, said } = await verifierSays(...args);
      expect(code, args.join(' ')).to.equal(2);
      expect(said).to.contain('usage: node verify-bundle.mjs <bundle> --key <file>');
    }
    for (const unreadable of [join(folder, 'nowhere'), folder])
      expect(await verifierSays(unreadable, '--key', keyFile), unreadable).to.deep.include({ code: 2 });
  });

  /** In a process of its own, in a folder with nothing else. `peak` is the most memory that it had, in bytes. */
  function alone(...args: string[]): Promise<{ code: unknown; said: string; peak: number }> {
    const room = join(folder, 'room');
    mkdirSync(room, { recursive: true });
    copyFileSync(VERIFIER, join(room, 'verify-bundle.mjs'));
    const measure = `process.on('exit', () => console.error(process.resourceUsage().maxRSS))`;
    const options = { cwd: room, env: { PATH: process.env.PATH } };
    return new Promise((resolve) =>
      execFile(
        process.execPath,
        ['--import', `data:text/javascript,${measure}`, 'verify-bundle.mjs', ...args],
        options,
        (error, said, peak) => resolve({ code: error?.code ?? 0, said, peak: 1_024 * Number(peak) }),
      ),
    );
  }

  it('works alone, in a folder with nothing else, and in flat memory', async () => {
    expect(readFileSync(VERIFIER, 'utf8').match(/^import .* from '(?!node:)/m)).to.equal(null);
    const small = join(folder, 'small');
    writeFileSync(small, textOf(lines));
    const big = logOf(4_000, 'big').map((event) => ({ ...event, data: { text: 'x'.repeat(2 ** 14) } }));
    const file = join(folder, 'big');
    writeFileSync(file, await bundle(await signed(big, [4_000]), { from: 0, to: 4_000 }));
    const [ofSmall, ofBig] = [await alone(small, '--key', keyFile), await alone(file, '--key', keyFile)];
    expect([ofSmall.code, ofBig.code], ofBig.said).to.deep.equal([0, 0]);
    expect((ofBig.peak - ofSmall.peak) / 2 ** 20, 'MiB more, for 64 MiB more').to.be.below(32);
  });
});
