/** The server's errors, with MongoDB's own codes and words. */

const NAMES: Readonly<Record<number, string>> = {
  2: 'BadValue',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  91: 'ShutdownInProgress',
  189: 'PrimarySteppedDown',
  225: 'TransactionTooOld',
  10107: 'NotWritablePrimary',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
};

/** Thrown by what executes a command or a statement; `details` are further fields of the error as clients see it. */
export class CommandError extends Error {
  readonly code: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export const badValue = (message: string) => new CommandError(2, message);

/** The answer to a command that was rejected as a whole. */
export function refusalReply({ code, message, details }: CommandError): Record<string, unknown> {
  return { ok: 0, errmsg: message, code, codeName: NAMES[code] ?? `Location${code}`, ...details };
}
