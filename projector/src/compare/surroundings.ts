/**
 * Runs synchronous work where clock, time zone, locale and chance are others. It replaces what JavaScript itself offers of these and
 * puts it back; randomness of `crypto` is another at each call anyhow. In a worker thread the time zone stays what it was.
 */
export interface Surroundings {
  /** Milliseconds since 1970; one more at each look. */
  readonly now: number;
  /** IANA name. */
  readonly zone: string;
  /** The one that is used where code names none. */
  readonly locale: string;
  /** Seed of Math.random, and the half of its range that it draws from. */
  readonly seed: number;
  readonly half: 'lower' | 'upper';
}

export type Runner = <T>(work: () => T) => T;

/** A property to replace, of a global object or a prototype. */
type Replacement = readonly [owner: object, name: string, value: unknown];
type AnyFunction = (...given: unknown[]) => unknown;

/** Where each takes its locale: the place of the argument. */
const LOCALE_METHODS: readonly (readonly [object, string, number])[] = [
  ...['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'].map((name) => [Date.prototype, name, 0] as const),
  [Number.prototype, 'toLocaleString', 0],
  [BigInt.prototype, 'toLocaleString', 0],
  [String.prototype, 'toLocaleUpperCase', 0],
  [String.prototype, 'toLocaleLowerCase', 0],
  [String.prototype, 'localeCompare', 1],
];
const FORMATTERS = ['DateTimeFormat', 'NumberFormat', 'Collator', 'PluralRules', 'ListFormat', 'RelativeTimeFormat'];

export function runnerIn({ now, zone, locale, seed, half }: Surroundings): Runner {
  let time = now;
  const tick = () => (time += 1);
  const replacements: readonly Replacement[] = [
    [globalThis, 'Date', dateTelling(tick)],
    [globalThis.performance, 'now', tick],
    [Math, 'random', chanceFrom(seed, half)],
    ...LOCALE_METHODS.map(([owner, name, place]): Replacement => [owner, name, inLocale(locale, owner, name, place)]),
    ...FORMATTERS.map((name): Replacement => [Intl, name, formatterIn(locale, valueOf(Intl, name) as object)]),
  ];
  return (work) => {
    const before = replacements.map(([owner, name]): Replacement => [owner, name, valueOf(owner, name)]);
    const { TZ } = process.env;
    process.env.TZ = zone;
    replacements.forEach(set);
    try {
      return work();
    } finally {
      before.forEach(set);
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  };
}

function set([owner, name, value]: Replacement): void {
  (owner as Record<string, unknown>)[name] = value;
}

function valueOf(owner: object, name: string): unknown {
  return (owner as Record<string, unknown>)[name];
}

function dateTelling(now: () => number): DateConstructor {
  return new Proxy(Date, {
    apply: (target) => new target(now()).toString(),
    construct: (target, given, made) => Reflect.construct(target, given.length > 0 ? given : [now()], made) as Date,
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
}

/** Mulberry32, halved: two draws from different halves differ at once, also when they are rounded or compared with a half. */
function chanceFrom(seed: number, half: 'lower' | 'upper'): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 33 + (half === 'upper' ? 0.5 : 0);
  };
}

function inLocale(locale: string, owner: object, name: string, place: number): AnyFunction {
  const original = valueOf(owner, name) as AnyFunction;
  return function (this: unknown, ...given) {
    const all = given.length > place ? [...given] : [...given, ...Array<undefined>(place + 1 - given.length)];
    all[place] ??= locale;
    return original.apply(this, all);
  };
}

/** A class of Intl, which may be called without `new` too. */
function formatterIn(locale: string, original: object): object {
  const withLocale = ([locales, ...others]: unknown[]) => [locales ?? locale, ...others];
  return new Proxy(original, {
    apply: (target, self, given) => Reflect.apply(target as AnyFunction, self, withLocale(given)),
    construct: (target, given, made) => Reflect.construct(target as never, withLocale(given), made) as object,
  });
}
