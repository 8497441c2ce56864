/** What the fields of a dashboard are made of: for people who ask why a number is what it is. `present.ts` is what makes them. */
import type { FoldedDocument } from '../fold.js';
import type { ConfigKey } from '../platform-config.js';

export interface Formula<D extends FoldedDocument = FoldedDocument> {
  /** How the field follows from its inputs, in words. Amounts in a document are cents. */
  readonly formula: string;
  /** Paths in the document. `*` stands for the item of a list that the field's own path names in the same place. */
  readonly from: readonly string[];
  /** The config keys that it follows from, for this document. A method, so that formulas of different documents fit one table. */
  config?(document: D): readonly ConfigKey[];
}

export interface Formulas<D extends FoldedDocument = FoldedDocument> {
  /** Fields of the document that decide whether there is a dashboard, or this part of it. */
  readonly shownBy: readonly string[];
  /** By the path of every field of the body that has no fields itself; `*` stands for any item of a list. */
  readonly fields: Readonly<Record<string, Formula<D>>>;
}

/** A field that shows what stands in the document, as the last event that sets it says. */
export function asSet(...from: readonly string[]): Formula {
  return { formula: 'as the last event that sets it says', from };
}

/** Such fields that have the same name in the body and in the document. */
export function allAsSet(names: readonly string[], body = '', document = body): Record<string, Formula> {
  return Object.fromEntries(names.map((name) => [body + name, asSet(document + name)]));
}
