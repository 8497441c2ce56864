/** Other origins whose pages may call the API, with the cookie of a session (CORS_ORIGINS): named ones, and kinds of them. */
export type Origins = readonly (string | RegExp)[];

/** Any port of this machine: where a front end is developed. */
const LOCAL = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** Those that are named, and outside production those of this machine. */
export function originsOf(named: readonly string[], nodeEnv: 'development' | 'test' | 'production'): Origins {
  return Object.freeze(nodeEnv === 'production' ? [...named] : [...named, LOCAL]);
}

export function admits(origins: Origins, origin: string): boolean {
  return origins.some((known) => (typeof known === 'string' ? known === origin : known.test(origin)));
}
