/** Reads what is asked for by rising number in pages, and keeps one. */

/** What has exactly this number, or null. `read` answers what has this number or a higher one, in order. */
export function pagesOf<T>(
  read: (from: number) => Promise<readonly T[]>,
  numberOf: (item: T) => number,
): (wanted: number) => Promise<T | null> {
  let page: readonly T[] = [];
  let at = 0;
  /** Nothing is missing in the page from here on. */
  let from = Infinity;
  return async (wanted) => {
    if (wanted < from) [page, at, from] = [await read(wanted), 0, wanted];
    for (;;) {
      while (at < page.length && numberOf(page[at] as T) < wanted) at += 1;
      const item = page[at];
      if (item !== undefined) return numberOf(item) === wanted ? item : null;
      if (page.length === 0) return null;
      [page, at, from] = [await read(wanted), 0, wanted];
    }
  };
}
