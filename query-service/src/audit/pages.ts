/** Reads what is asked for by rising number in pages, and keeps one. */

/** What has exactly this number, or null; without a promise where its page is there. `read` answers what has this number or a higher one, in order. */
export function pagesOf<T>(
  read: (from: number) => Promise<readonly T[]>,
  numberOf: (item: T) => number,
): (wanted: number) => T | null | Promise<T | null> {
  let page: readonly T[] = [];
  let at = 0;
  /** Nothing is missing in the page from here on. */
  let from = Infinity;

  /** Undefined where the page cannot tell. */
  function inPage(wanted: number): T | null | undefined {
    if (wanted < from) return undefined;
    while (at < page.length && numberOf(page[at] as T) < wanted) at += 1;
    const item = page[at];
    if (item !== undefined) return numberOf(item) === wanted ? item : null;
    return page.length === 0 ? null : undefined; // an empty page was the last one
  }

  async function inNextPage(wanted: number): Promise<T | null> {
    [page, at, from] = [await read(wanted), 0, wanted];
    return inPage(wanted) ?? null;
  }

  return (wanted) => {
    const found = inPage(wanted);
    return found === undefined ? inNextPage(wanted) : found;
  };
}
