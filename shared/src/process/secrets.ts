/** Which secrets are too weak: a production process, or one that others can reach, refuses to start with them. */

/** For development only. */
export const devSecrets = {
  MASTER_KEY: 'development-master-key-never-use-in-production',
  JWT_SECRET: 'development-jwt-secret-never-use-in-production',
  AUDIT_SIGNING_KEY: 'development-audit-signing-key-never-use-in-production',
  WEBHOOK_SECRET: 'development-webhook-secret-never-use-in-production',
} as const;

/** Words from documentation and examples, and common ones: no random secret contains one. */
const KNOWN = /development|change-?me|password|placeholder|example|default|secret/i;
const LEAST_CHARACTERS = 8;

/** Why a secret (trimmed) is too weak; null for a good one. */
export function weaknessOf(secret: string): string | null {
  if (Object.values<string>(devSecrets).includes(secret)) return 'the default is public';
  if (KNOWN.test(secret)) return 'it has words that everybody tries';
  if (new Set(secret).size < LEAST_CHARACTERS) return `it has fewer than ${LEAST_CHARACTERS} different characters`;
  if (isRepeated(secret)) return 'it repeats itself';
  if (isRow(secret)) return 'it is a row of neighbouring characters';
  return null;
}

/** Whether the text is a repetition of a shorter part. */
function isRepeated(secret: string): boolean {
  for (let period = 1; period <= secret.length / 2; period += 1)
    if (secret.startsWith(secret.slice(period))) return true;
  return false;
}

/** Whether most characters follow each other in sequence: abcdef…, 98765…, aaaa…. */
function isRow(secret: string): boolean {
  let steps = 0;
  for (let index = 1; index < secret.length; index += 1)
    if (Math.abs(secret.charCodeAt(index) - secret.charCodeAt(index - 1)) <= 1) steps += 1;
  return steps > secret.length / 2;
}
