/** Refusals: deciders and policies refuse by a key of the catalogue; only `http.ts` turns a refusal into a response. */
import { catalogue } from './errors/catalogue.js';

export type ErrorKey = keyof typeof catalogue;
export type ErrorVars = Readonly<Record<string, string | number>>;

/** "No" as a value: what a decider returns instead of events. */
export interface Refusal {
  readonly refused: ErrorKey;
  readonly vars: ErrorVars;
  /** Which fields of the request are at fault, where that can be said. */
  readonly details?: readonly Detail[];
  /** This run of the command was abandoned and can never finish: a retry is another run, with ids of its own (domain 9.2). */
  readonly closesRun?: true;
}

export function refuse(refused: ErrorKey, vars: ErrorVars = {}): Refusal {
  return { refused, vars };
}

/** A 400 that names the field, for what only the stored values can tell. `message` completes "<field>: ". */
export function refuseField(field: string, message: string, key: ErrorKey = 'common.validation_failed'): Refusal {
  return { ...refuse(key), details: [{ field, message: `${field}: ${message}` }] };
}

export function closing(refusal: Refusal): Refusal {
  return { ...refusal, closesRun: true };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** One problem of a request: where it is, and what, in words that can be read alone ("amount: must be a string"). */
export interface Detail {
  /** A field of the body, path or query, or the part of the request as a whole; what stands before the colon unless given. */
  readonly field?: string;
  readonly message: string;
}

/** A refusal on its way to the caller. `details` are shown to the caller: no stack, path or private value belongs in them. */
export class Refused extends Error {
  readonly key: ErrorKey;
  readonly vars: ErrorVars;
  readonly details: readonly Detail[];
  /** Seconds for Retry-After, if waiting helps. */
  readonly retryAfter: number | undefined;
  /** As Refusal says. */
  readonly closesRun: boolean;

  constructor(
    key: ErrorKey,
    options: {
      vars?: ErrorVars;
      details?: readonly Detail[] | undefined;
      retryAfter?: number;
      closesRun?: boolean | undefined;
    } = {},
  ) {
    super(key);
    this.closesRun = options.closesRun ?? false;
    this.key = key;
    this.vars = options.vars ?? {};
    this.details = options.details ?? [];
    this.retryAfter = options.retryAfter;
  }
}

/** The English message of an error with its variables filled in. */
export function messageOf(key: ErrorKey, vars: ErrorVars = {}): string {
  return catalogue[key][1].replace(/\{(\w+)\}/g, (_, name: string) => String(vars[name] ?? ''));
}

export function statusOf(key: ErrorKey): number {
  return catalogue[key][0];
}

/** The upper-snake `code` beside an i18nKey (G27). */
export function codeOf(key: ErrorKey): string {
  if (statusOf(key) === 401) return 'AUTH_UNAUTHORIZED';
  if (key === 'common.validation_failed') return 'VALIDATION_FAILED';
  if (key === 'common.rate_limited') return 'RATE_LIMITED';
  if (key.startsWith('features.')) return 'FEATURE_DISABLED';
  return key.replaceAll('.', '_').toUpperCase();
}

/** The outcome; throws if it is a refusal. */
export function orThrow<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new Refused(outcome.refused, outcome);
  return outcome;
}
