import type { SealedKind } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { SubjectErased } from '@creator-dashboards/shared/seal';
import { KeyMissing } from '@creator-dashboards/shared/store-errors';
import type { CommandService } from './service.js';

/** Seals for the first of these users who is not erased and has a key; null if there is none. */
export async function sealedFor(
  { sealer }: Pick<CommandService, 'sealer'>,
  kind: SealedKind<string>,
  [subject, ...others]: readonly (string | null)[],
  text: string,
): Promise<Sealed<string> | null> {
  if (!subject) return null;
  try {
    return await sealer.seal(kind, subject, text);
  } catch (error) {
    if (error instanceof SubjectErased || error instanceof KeyMissing) return sealedFor({ sealer }, kind, others, text);
    throw error;
  }
}
