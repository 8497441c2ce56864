import type { SealedKind } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { SubjectErased } from '@creator-dashboards/shared/seal';
import { KeyMissing } from '@creator-dashboards/shared/store-errors';
import type { CommandService } from './service.js';

/** Sealed for the first of these who was not erased and whose key is there; null where there is none. */
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
