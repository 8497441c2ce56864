/** The audit's index with what keeps it: whoever serves it or works on it has the same. */
import type { Environment } from '@creator-dashboards/shared/process/environment';
import type { Foundation } from '@creator-dashboards/shared/process/service';
import { createHeads, type Heads } from './heads.js';
import { createIndexer, type Indexer } from './indexer.js';
import { createRounds } from './rounds.js';
import { headKeys } from './signing.js';

type Ports = Pick<Foundation, 'stores' | 'clock' | 'owner' | 'isDead'> &
  Partial<Pick<Foundation, 'pulse'>> & {
    readonly environment: Pick<Environment, 'auditSigningKeys'>;
  };

/** `trusted`: public keys that have signed heads before, in hex. Throws for one that is none. */
export function openAudit(
  { environment, stores, clock, pulse, owner, isDead }: Ports,
  trusted?: readonly string[],
): { readonly heads: Heads; readonly indexer: Indexer } {
  const ports = { events: stores.events, reads: stores.reads, index: stores.audit, clock };
  const heads = createHeads({ ...ports, keys: headKeys(environment.auditSigningKeys, trusted) });
  return { heads, indexer: createIndexer({ ...ports, pulse, heads, owner, isDead, rounds: createRounds(ports) }) };
}
