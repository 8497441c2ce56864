import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { TestSystem } from './system.js';

/** Everything that is sealed, in whatever it is given. */
export function sealsIn(value: unknown): Sealed[] {
  if (value === null || typeof value !== 'object') return [];
  if ('ciphertext' in value && 'subject' in value) return [value as Sealed];
  return Object.values(value).flatMap(sealsIn);
}

/** What a seal says, as whatever kind it is of; null if nobody can open it any more. */
export async function openedBy(system: TestSystem, seal: Sealed): Promise<string | null> {
  for (const kind of Object.values(kinds)) {
    const opened: unknown = await system.commands.service.sealer.open<unknown>(kind, seal).catch(() => undefined);
    if (opened !== undefined) return opened === null ? null : JSON.stringify(opened);
  }
  throw new Error('a seal of no kind');
}
