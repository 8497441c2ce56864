import { decimalOrNull } from '../numbers.js';
import type { DmConfigBody } from './body.js';
import type { DmConfigDocument } from './document.js';

/** dmActive as set, also during a vacation: this is what the owner edits, not the public page. */
export function presentDmConfig({ dmType, dmPrice, dmActive }: DmConfigDocument): DmConfigBody {
  return { dmType, dmPrice: decimalOrNull(dmPrice), dmActive };
}
