import type { SealedKind } from '../../../events/sealed.js';
import type { Sealed } from '../../../ports.js';

/** Opens a value sealed as this kind; null for null and for a subject whose key was destroyed (sealed values, domain 9.8). */
export type Open = <T>(kind: SealedKind<T>, sealed: Sealed<T> | null) => Promise<T | null>;
