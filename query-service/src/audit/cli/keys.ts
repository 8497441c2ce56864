/** audit keys: the public halves of AUDIT_SIGNING_KEY. */
import type { Surroundings } from '@creator-dashboards/shared/command-line/frame';
import { createOutput, table } from '@creator-dashboards/shared/command-line/output';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { headKeys } from '../signing.js';

/** The first one signs. */
export function keysShown({ env, out, err }: Surroundings, { json = false }: { json?: boolean }): true {
  const { published } = headKeys(readEnvironment(env).auditSigningKeys);
  const rows = published.map(({ keyId, publicKey }) => [keyId, publicKey]);
  createOutput(json, out, err).result(published, table(['KEY', 'PUBLIC KEY (ED25519)'], rows));
  return true;
}
