/** The errors that a store may throw besides RangeError, with the same meaning for every technology. */
import { basename } from 'node:path';

/**
 * The store cannot be trusted any more (disk full, failed fsync, read-only or damaged file). Nothing is acknowledged
 * after it; a process that sees one stops with a non-zero exit code. The message is for the operator.
 */
export class StoreFailed extends Error {
  override readonly name = 'StoreFailed';
}

/** The store stayed locked by another process for too long. Nothing was written; trying again later is right. */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
  /** The store's name, as of StoreUnavailable. */
  readonly store: string;
  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`${file} ${what}`, options);
    this.store = basename(file);
  }
}

export function isBusy(error: unknown): error is StoreBusy {
  return error instanceof StoreBusy;
}

/**
 * The store cannot be reached, or did not answer in time. A write may have been done, or may still be done: read before going on.
 * Trying again later is right.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** The store's name, which anybody may be told: a technology, and the variable that has its address. */
  readonly store: string;
  constructor(store: string, what: string, options?: ErrorOptions) {
    super(`${store} ${what}`, options);
    this.store = store;
  }
}

export function isUnavailable(error: unknown): error is StoreUnavailable {
  return error instanceof StoreUnavailable;
}

/**
 * A key that must exist is missing, or wrapped by a MASTER_KEY that was not given: the key store is older than the log, or belongs
 * to another one (domain G63). No new key may replace it; only an operator can help, by restoring the key store. The message is for
 * the operator.
 */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';
}

/**
 * A stream's beginning is hidden: an operator's $maxCount, $maxAge, truncation or deletion. Nothing may be decided on what is left,
 * and nothing is appended (domain G65). The message is for the operator.
 */
export class StreamCut extends Error {
  override readonly name = 'StreamCut';
}

/** A stored event whose bytes cannot be parsed. A reader parks its key, stops, or shows it as it is; none may skip it. */
export class DamagedEvent extends Error {
  override readonly name = 'DamagedEvent';
}

/** Whether this is a transient error of a store: it says nothing about the request, and trying again later is right. */
export function isTransient(error: unknown): error is StoreBusy | StoreUnavailable {
  return isBusy(error) || isUnavailable(error);
}
