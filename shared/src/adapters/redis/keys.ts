/** Names in a form that BullMQ and Redis Cluster accept. */

export const DEFAULT_PREFIX = 'creator-dashboards';

/** Throws RangeError for a prefix that could break a key pattern or a hash tag. */
export function checkPrefix(prefix: string): void {
  if (!/^[\w.-]+$/.test(prefix)) throw new RangeError('a prefix must be of letters, digits, "_", "." and "-"');
}

/** Prefix of all job keys. The braces put them into one slot of a cluster, since adding a job touches several keys. */
export function jobsPrefix(prefix: string): string {
  return `{${prefix}}`;
}

/**
 * A job's id in a form that BullMQ accepts: without ":", never only digits, and with a prefix, because BullMQ's lists are stored
 * beside the jobs ("…:wait", "…:meta") and a job with such an id would overwrite one.
 */
export function encodeId(id: string): string {
  return `job-${encode(id)}`;
}

export function decodeId(encoded: string): string {
  return decode(encoded.slice('job-'.length));
}

/** The name of jobs as that of a queue. */
export function encodeName(name: string): string {
  return encode(name);
}

export function decodeName(encoded: string): string {
  return decode(encoded);
}

/** By UTF-16 code unit, so that text that is not well-formed Unicode comes back unchanged, too. */
function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function decode(encoded: string): string {
  return encoded.replace(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
