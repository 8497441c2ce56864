/**
 * Lists of a view's documents, newest first, one document a row. A document says in a field of text, one for each list that it stands
 * in, where: whose list it is, and the time it is sorted by. The view names the field in `indexes`, so a page costs what it shows,
 * however long the list is, and nothing grows but the number of documents.
 */
import type { Range } from '../ports.js';
import type { Instant } from '../time.js';

/** The place in a list: `list` tells it from all others of the same field, a userId for instance, and has no space in it. */
export function placeIn(list: string, at: Instant): string {
  return `${list} ${at}`;
}

/** A row's place: the time it is sorted by, and the key of its document. */
export interface Row {
  readonly at: Instant;
  readonly _id: string;
}

/** What stands in a list, newest first; from below a row on, if one is named. */
export function rowsOf(field: string, list: string, after?: Row): Range {
  const { above, atMost } = wholeList(list);
  const start = after ? { after: { value: placeIn(list, after.at), _id: after._id } } : { atMost };
  return { field, descending: true, above, ...start };
}

/** What stands in a list up to a time, oldest first; from above a row on, if one is named. */
export function rowsUntil(field: string, list: string, until: Instant, after?: Row): Range {
  const start = after ? { after: { value: placeIn(list, after.at), _id: after._id } } : {};
  return { field, above: `${list} `, atMost: placeIn(list, until), ...start };
}

/**
 * The bounds of a list, or of a period in it, as the beginning of its times: "2026-04". Times begin with a digit, which is after the
 * space and before the tilde.
 */
export function wholeList(list: string, period = '') {
  return { above: `${list} ${period}`, atMost: `${list} ${period}~` };
}

/** The row that a place was made for. */
export function rowAt(place: string, _id: string): Row {
  return { at: place.slice(place.indexOf(' ') + 1), _id };
}
