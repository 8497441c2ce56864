/** Names as BullMQ and Redis Cluster can carry them. */

export const DEFAULT_PREFIX = 'creator-dashboards';

/** Throws RangeError for a prefix that could break a key pattern or a hash tag. */
export function checkPrefix(prefix: string): void {
  if (!/^[\w.-]+$/.test(prefix)) throw new RangeError('a prefix must be of letters, digits, "_", "." and "-"');
}

/** Begins the keys of all jobs. Its braces put them into one slot of a cluster: adding a job touches several keys. */
export function jobsPrefix(prefix: string): string {
  return `{${prefix}}`;
}

/**
 * A job's id as BullMQ takes it: without ":", never only digits, and with a beginning of its own, because BullMQ's lists lie
 * beside the jobs ("…:wait", "…:meta") and a job of such an id would overwrite one.
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

/** By UTF-16 code unit, so that text which is no well-formed Unicode comes back unchanged, too. */
function encode(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function decode(encoded: string): string {
  return encoded.replace(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
