import { decimalOrNull } from '../numbers.js';
import type { DmConfigBody } from './body.js';
import type { DmConfigDocument } from './document.js';

/** The raw flag, not lowered by a vacation: this is the owner's editor, not the public page. */
export function presentDmConfig({ dmType, dmPrice, dmActive }: DmConfigDocument): DmConfigBody {
  return { dmType, dmPrice: decimalOrNull(dmPrice), dmActive };
}
