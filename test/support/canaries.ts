/**
 * Canaries: texts that stand for personal data, each of them unlike any other, and a search that finds them in bytes however they are
 * written, also as a digest that anybody could make of a guess.
 */
import crypto from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** As it was before anybody listens. */
const { createHash } = crypto;

/** Every canary has it, in whatever case. By chance it stands in the base64 of seals too. */
const MARK = 'zqxj';
/** What follows it in each: too long to stand anywhere by chance. */
const CORE_DIGITS = 11;
const CORE = new RegExp(`${MARK}[0-9a-f]{${CORE_DIGITS}}`);
/** Shorter values are found by chance. */
const LEAST_LENGTH = 8;
const NEEDLE_BYTES = 6;

export interface Canaries {
  /** A text for a field of a person: `shape` makes the field's form of 15 letters and digits that occur nowhere else. */
  text(field: string, shape?: (core: string) => string): string;
  /** A value that has no form of its own, as an address of the network. */
  add(field: string, value: string): string;
  /** The fields that have one. */
  fields(): ReadonlySet<string>;
  /** A search for all that there are by now, and for all digests of them. It says "<field> as <how it is written>". */
  search(): (bytes: Uint8Array) => string[];
  /** Stops listening to digests. */
  close(): void;
}

export function createCanaries(): Canaries {
  const values = new Map<string, string>();
  const used = new Set<string>();
  const digests = listenToDigests((input) => CORE.test(input) || [...values.keys()].some((one) => input.includes(one)));

  function add(field: string, value: string): string {
    if (value.length < LEAST_LENGTH) throw new RangeError(`${field}: ${value} is too short to be found for certain`);
    values.set(value, field);
    used.add(field);
    return value;
  }

  return {
    text: (field, shape = (core) => `${core} ä/"&+\n${core}`) => {
      const name = `${field} ${values.size}`;
      return add(
        field,
        shape(MARK + crypto.createHmac('sha256', 'a canary').update(name).digest('hex').slice(0, CORE_DIGITS)),
      );
    },
    add,
    fields: () => used,
    search: () => searchFor([...[...values].flatMap(([value, field]) => formsOf(value, field)), ...digests.forms()]),
    close: digests.close,
  };
}

interface Form {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** The letters and digits that no way of writing changes: in an address, in JSON, in a query. */
function partsOf(value: string): string[] {
  const marked = value.match(new RegExp(`${MARK}[0-9a-z]+`, 'gi'));
  return marked ? [...new Set(marked)] : [value];
}

function formsOf(value: string, field: string): Form[] {
  const cases = (text: string) => [...new Set([text, text.toLowerCase(), text.toUpperCase()])];
  const written = partsOf(value)
    .flatMap(cases)
    .flatMap((text) => [
      { what: `${field} as it is`, bytes: Buffer.from(text) },
      ...cases(Buffer.from(text).toString('hex')).map((hex) => ({ what: `${field} in hex`, bytes: Buffer.from(hex) })),
      ...inBase64(text).map((bytes) => ({ what: `${field} in base64`, bytes })),
    ]);
  const guesses = new Set([value, value.trim(), value.trim().toLowerCase(), value.toUpperCase(), ...partsOf(value)]);
  const digested = [...guesses].flatMap((guess) =>
    ['sha256', 'sha1', 'md5', 'sha512'].flatMap((algorithm) =>
      formsOfDigest(createHash(algorithm).update(guess).digest(), `${field} as ${algorithm}`),
    ),
  );
  return [...written, ...digested];
}

/** A text may begin at each of three places of a group of base64; the letters that its neighbours change are left out. */
function inBase64(text: string): Buffer[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
    return Buffer.from(encoded.slice(before === 0 ? 0 : before + 1, Math.floor(((before + text.length) * 8) / 6)));
  });
}

/** Cut short or not: its first eight bytes, as they are or in text, as the beginning of a UUID, as a number of 48 bits. */
function formsOfDigest(digest: Buffer, what: string): Form[] {
  const hex = digest.toString('hex');
  const texts = [
    hex.slice(0, 16),
    hex.slice(0, 16).toUpperCase(),
    digest.toString('base64').slice(0, 10),
    digest.toString('base64url').slice(0, 10),
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-`,
    String(digest.readUIntBE(0, 6)).padStart(15, '0'),
  ];
  return [digest.subarray(0, 8), ...texts.map((text) => Buffer.from(text))].map((bytes) => ({ what, bytes }));
}

/** Looks for all forms at once: the work does not grow with their number. */
function searchFor(forms: readonly Form[]): (bytes: Uint8Array) => string[] {
  const byBeginning = new Map<number, Form[]>();
  const begins = new Uint8Array(2 ** 24);
  for (const form of forms) {
    const needle = Buffer.from(form.bytes);
    const beginning = needle.readUIntBE(0, NEEDLE_BYTES);
    begins[needle.readUIntBE(0, 3)] = 1;
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), form]);
  }
  return (bytes) => {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const what = new Set<string>();
    let three = 0;
    for (let end = 0; end < haystack.length; end += 1) {
      three = ((three << 8) | (haystack[end] ?? 0)) & 0xffffff;
      const at = end - 2;
      if (begins[three] === 0 || at < 0 || at + NEEDLE_BYTES > haystack.length) continue;
      for (const form of byBeginning.get(haystack.readUIntBE(at, NEEDLE_BYTES)) ?? [])
        if (haystack.subarray(at, at + form.bytes.length).equals(form.bytes)) what.add(form.what);
    }
    return [...what];
  };
}

/**
 * From now on remembers each digest without a key that this process makes of a text with a canary, and of such digests again: what
 * nobody would think of looking for, as the name that is derived from several things.
 */
function listenToDigests(isTold: (input: string) => boolean) {
  const builtin = createRequire(import.meta.url)('node:crypto') as { createHash: typeof crypto.createHash };
  const made = new Map<string, { readonly digest: Buffer; readonly of: string }>();
  const tells = (input: string) => isTold(input) || [...made.keys()].some((derived) => input.includes(derived));

  builtin.createHash = (algorithm, options) => {
    const hash = createHash(algorithm, options);
    const parts: Buffer[] = [];
    const update: (data: Uint8Array) => typeof hash = hash.update.bind(hash);
    const digest: () => Buffer = hash.digest.bind(hash);
    hash.update = (data: string | NodeJS.ArrayBufferView, encoding?: BufferEncoding) => {
      const part = typeof data === 'string' ? Buffer.from(data, encoding) : Buffer.from(data as Uint8Array);
      parts.push(part);
      return update(part);
    };
    hash.digest = ((encoding?: BufferEncoding) => {
      const input = Buffer.concat(parts).toString('utf8').toLowerCase();
      const output = digest();
      if (made.size < 2_000 && tells(input)) {
        const hex = output.toString('hex');
        made.set(hex.slice(0, 16), { digest: output, of: input.slice(-200) });
        made.set(`${hex.slice(0, 8)}-${hex.slice(8, 12)}-`, { digest: output, of: input.slice(-200) });
      }
      return encoding === undefined ? output : output.toString(encoding);
    }) as typeof hash.digest;
    return hash;
  };
  syncBuiltinESMExports();

  return {
    forms: () => [...made.values()].flatMap(({ digest, of }) => formsOfDigest(digest, `a digest of ${of}`)),
    close: () => {
      builtin.createHash = createHash;
      syncBuiltinESMExports();
    },
  };
}
