import type { Sealed } from '../ports.js';

/** Opens a sealed value; null for null and for a subject whose key was destroyed (sealed values, 9.8). */
export type Open = <T>(sealed: Sealed<T> | null) => Promise<T | null>;
