/** What erasing a person would destroy: found by what only the person's key can open today. */
import type { Past } from './answers.js';
import { wordsOf } from './fields.js';

export interface Loss {
  readonly view: string;
  /** What would read as nothing for ever, in words; of a list once, however many items it has. */
  readonly fields: readonly string[];
}

const ID = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

export function lossesOf(pasts: readonly Pick<Past, 'view' | 'maskedFields'>[]): readonly Loss[] {
  return pasts
    .map(({ view, maskedFields }) => ({
      view,
      fields: [...new Set(maskedFields.map((path) => wordsOf(path.replace(ID, ''))))],
    }))
    .filter(({ fields }) => fields.length > 0);
}
