import type { FoldedDocument } from '../../fold.js';
import type { Json } from '../../ports.js';
import type { Instant } from '../../time.js';

/** The one config document, key 'config': what was set, by whom and when. Defaults are in platform-config.ts. */
export interface ConfigDocument extends FoldedDocument {
  readonly values: Readonly<
    Record<string, { readonly value: Json; readonly changedBy: string | null; readonly changedAt: Instant }>
  >;
  readonly killSwitches: Readonly<
    Record<string, { readonly engaged: boolean; readonly changedBy: string | null; readonly changedAt: Instant }>
  >;
}
export const CONFIG_KEY = 'config';
