/** One JSON line per event, on standard output. Secrets are redacted before a line is written. */
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Environment } from './environment.js';

export type Log = Logger;

const secretNames = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'x-signature',
  'masterKeys',
  'jwtSecrets',
  'webhookSecrets',
];

/** Each secret name at the top and up to three levels down (`req.headers.authorization`): a wildcard stands for one level. */
const redactedPaths = ['', '*.', '*.*.', '*.*.*.'].flatMap((prefix) =>
  secretNames.map((name) => (/^\w+$/.test(name) ? `${prefix}${name}` : `${prefix.replace(/\.$/, '')}["${name}"]`)),
);

/** A log named after its process. `destination` is for tests; LOG_LEVEL=silent writes nothing. */
export function createLog(
  environment: Pick<Environment, 'logLevel'>,
  name: string,
  destination?: DestinationStream,
): Log {
  return pino(
    {
      name,
      level: environment.logLevel,
      redact: { paths: redactedPaths, censor: '[redacted]' },
      formatters: { level: (level) => ({ level }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** A log that writes nothing, for tests and tools. */
export const silentLog: Log = pino({ level: 'silent' });
