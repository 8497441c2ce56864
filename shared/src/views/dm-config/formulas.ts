import { allAsSet, type Formulas } from '../formula.js';
import type { DmConfigDocument } from './document.js';

export const dmConfigFormulas: Formulas<DmConfigDocument> = {
  shownBy: ['userId', 'deletedAt'],
  fields: allAsSet(['dmType', 'dmPrice', 'dmActive']),
};
