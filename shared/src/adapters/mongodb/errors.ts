/** What the driver and the server throw, said in the names of `store-errors.ts`. */
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

/** Who we are, or what we may do, is refused. */
const REFUSED_LOGIN = new Set([11, 13, 18, 31, 8_000]);

/** The document itself is refused, today and for ever: too large, or a name of a field that the server does not take. */
const REFUSED_DOCUMENT = new Set([52, 55, 56, 57, 121, 10_334, 17_419, 17_420]);

/** No primary, a server that is going down, a time limit, a cursor or plan that ended, a full disk: all of it passes. */
const PASSING = new Set([
  6, 7, 24, 43, 46, 50, 63, 64, 89, 91, 112, 117, 133, 134, 150, 175, 189, 217, 237, 246, 249, 262, 279, 290, 355, 365,
  384, 462, 9_001, 10_107, 11_600, 11_601, 11_602, 13_388, 13_435, 13_436, 14_031, 46_841,
]);

/** Our name for a fault. `place` says which store it was, for the operator. Ours, and RangeError, stay as they are. */
export function translated(error: unknown, place: string): unknown {
  if (isTransient(error) || error instanceof StoreFailed || error instanceof RangeError) return error;
  const fault = behind(error);
  if (fault instanceof MongoServerError) return ofServer(fault, place);
  if (isRefusedArgument(fault)) return new RangeError(`${place} cannot take this: ${fault.message}`, { cause: fault });
  if (isStranger(fault) || fault instanceof MongoCompatibilityError || fault instanceof MongoParseError)
    return new StoreFailed(`${place} cannot be used: ${fault.message}`);
  if (fault instanceof MongoError || isNetworkFault(fault))
    return new StoreUnavailable(`${place} does not answer: ${fault.message}`, { cause: fault });
  return fault;
}

/** Whether no server was found because the one that answers is too old, or no MongoDB at all. */
function isStranger(fault: unknown): fault is MongoServerSelectionError {
  const servers = fault instanceof MongoServerSelectionError ? [...(fault.reason?.servers.values() ?? [])] : [];
  return servers.some(({ error }) => error instanceof MongoCompatibilityError);
}

/** Whether the driver refused to send what it was given. */
export function isRefusedArgument(error: unknown): error is Error {
  return error instanceof MongoInvalidArgumentError || (error instanceof Error && error.name.startsWith('BSON'));
}

/** Whether by this code a server refuses a document for itself, whatever else is stored. */
export function isRefusedDocument(code: unknown): boolean {
  return REFUSED_DOCUMENT.has(Number(code));
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof MongoServerError && codes.includes(Number(error.code));
}

/** A bulk write wraps what stopped it, and would call a broken connection a refusal of the server. */
function behind(error: unknown): unknown {
  return error instanceof MongoBulkWriteError && error.errorResponse instanceof Error ? error.errorResponse : error;
}

/** Without the error as a cause: one of a bulk write holds the documents, and a cause reaches the log. */
function ofServer(error: MongoServerError, place: string): Error {
  const code = Number(error.code);
  const said = `${error.message} (${error.codeName ?? 'code'} ${code})`;
  if (REFUSED_LOGIN.has(code))
    return new StoreFailed(`${place} refuses us: ${said}. Check the user, its password and its roles.`);
  if (REFUSED_DOCUMENT.has(code)) return new RangeError(`${place} cannot take this: ${said}`);
  if (PASSING.has(code) || error instanceof MongoWriteConcernError || error.hasErrorLabel('RetryableWriteError'))
    return new StoreUnavailable(`${place} cannot answer now: ${said}`);
  return new StoreFailed(`${place} answers an error that we do not know: ${said}`);
}

/** A socket or a name server, in Node's own words: the driver passes on what befalls it at the wrong moment. */
function isNetworkFault(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
