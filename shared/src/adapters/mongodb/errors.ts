/** Translates the errors of driver and server into those of `store-errors.ts`. */
import {
  MongoBulkWriteError,
  MongoCompatibilityError,
  MongoError,
  MongoInvalidArgumentError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { isTransient, StoreFailed, StoreUnavailable } from '../../store-errors.js';

export const DUPLICATE_KEY = 11_000;

/** Authentication or authorisation is refused. */
const REFUSED_LOGIN = new Set([11, 13, 18, 31, 8_000]);

/** The document itself is refused for good: it is too large, or the server does not accept a field name. */
const REFUSED_DOCUMENT = new Set([52, 55, 56, 57, 121, 10_334, 17_419, 17_420]);

/** Transient: no primary, a server going down, a time limit, a cursor or plan that ended, a full disk. */
const PASSING = new Set([
  6, 7, 24, 43, 46, 50, 63, 64, 89, 91, 112, 117, 133, 134, 150, 175, 189, 217, 237, 246, 249, 262, 279, 290, 355, 365,
  384, 462, 9_001, 10_107, 11_600, 11_601, 11_602, 13_388, 13_435, 13_436, 14_031, 46_841,
]);

/** Our error for the driver's. `place` names the store, for the operator. Our own errors and RangeError are returned unchanged. */
export function translated(error: unknown, place: string): unknown {
  if (isTransient(error) || error instanceof StoreFailed || error instanceof RangeError) return error;
  const fault = behind(error);
  if (fault instanceof MongoServerError) return ofServer(fault, place);
  if (isRefusedArgument(fault)) return new RangeError(`${place} cannot take this: ${fault.message}`, { cause: fault });
  if (isStranger(fault) || fault instanceof MongoCompatibilityError || fault instanceof MongoParseError)
    return new StoreFailed(`${place} cannot be used: ${fault.message}`);
  if (fault instanceof MongoError || isNetworkFault(fault))
    return new StoreUnavailable(place, `does not answer: ${fault.message}`, { cause: fault });
  return fault;
}

/** Whether no server was found because the one that answers is too old or not MongoDB. */
function isStranger(fault: unknown): fault is MongoServerSelectionError {
  const servers = fault instanceof MongoServerSelectionError ? [...(fault.reason?.servers.values() ?? [])] : [];
  return servers.some(({ error }) => error instanceof MongoCompatibilityError);
}

/** Whether the driver refused to send what it was given. */
export function isRefusedArgument(error: unknown): error is Error {
  return error instanceof MongoInvalidArgumentError || (error instanceof Error && error.name.startsWith('BSON'));
}

/** Whether this code means that the server refuses the document itself. */
export function isRefusedDocument(code: unknown): boolean {
  return REFUSED_DOCUMENT.has(Number(code));
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof MongoServerError && codes.includes(Number(error.code));
}

/** A bulk write wraps its error, so that a broken connection would look like a refusal by the server. */
function behind(error: unknown): unknown {
  return error instanceof MongoBulkWriteError && error.errorResponse instanceof Error ? error.errorResponse : error;
}

/** Without the error as a cause: that of a bulk write contains the documents, and causes are logged. */
function ofServer(error: MongoServerError, place: string): Error {
  const code = Number(error.code);
  const said = `${error.message} (${error.codeName ?? 'code'} ${code})`;
  if (REFUSED_LOGIN.has(code))
    return new StoreFailed(`${place} refuses us: ${said}. Check the user, its password and its roles.`);
  if (REFUSED_DOCUMENT.has(code)) return new RangeError(`${place} cannot take this: ${said}`);
  if (PASSING.has(code) || error instanceof MongoWriteConcernError || error.hasErrorLabel('RetryableWriteError'))
    return new StoreUnavailable(place, `cannot answer now: ${said}`);
  return new StoreFailed(`${place} answers an error that we do not know: ${said}`);
}

/** Node's own socket and DNS errors, which the driver sometimes passes on unchanged. */
function isNetworkFault(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
