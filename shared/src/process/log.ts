/** One JSON line per event, on standard output; on a terminal a sentence. Secrets are redacted before a line is written. */
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Tracer } from '../tracing/tracer.js';
import type { Environment } from './environment.js';
import { asSentences } from './log-text.js';

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

/** A log named after its process, of JSON unless asked otherwise. `destination` is for tests; LOG_LEVEL=silent writes nothing. */
export function createLog(
  environment: Pick<Environment, 'logLevel'> & { readonly format?: 'json' | 'text' },
  name: string,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Log {
  return pino(
    {
      name,
      level: environment.logLevel,
      redact: { paths: redactedPaths, censor: '[redacted]' },
      formatters: { level: (level) => ({ level }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    environment.format === 'text' ? asSentences((text) => void destination.write(text)) : destination,
  );
}

/** The log, whose lines name the trace in which they are written. */
export function tracedLog(log: Log, tracer: Pick<Tracer, 'current'> | undefined): Log {
  if (!tracer) return log;
  const addTrace = (line: object) => {
    const span = tracer.current();
    return span ? { ...line, traceId: span.traceId } : line;
  };
  return log.child({}, { formatters: { log: addTrace } });
}

/** A log that writes nothing, for tests and tools. */
export const silentLog: Log = pino({ level: 'silent' });
