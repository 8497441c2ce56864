/** The filters of a search for events: chips to a reader, a query to the server, and what stands in the address. */
export const FILTERS = [
  'type',
  'category',
  'creatorId',
  'userId',
  'about',
  'actor',
  'configKey',
  'correlationId',
  'causationId',
  'stream',
  'eventId',
  'from',
  'to',
  'fromPosition',
  'toPosition',
] as const;
export type Filter = (typeof FILTERS)[number];
export type Filters = { readonly [F in Filter]?: string };

export function filtersOf(query: Readonly<Record<string, string>>): Filters {
  return Object.fromEntries(FILTERS.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
}

const isFilter = (name: string): name is Filter => (FILTERS as readonly string[]).includes(name);

/**
 * What was typed, as filters: "type:MessageSent actor:SYSTEM", in any order. A word alone is a type where it looks like one
 * ("MessageSent"), and otherwise what the events are about (the id of a message, payout, link or reward).
 */
export function typedFilters(text: string): Filters {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', ...rest] = word.split(':');
      if (rest.length > 0 && isFilter(name)) return [name, rest.join(':')];
      return [/^[A-Z][A-Za-z]+$/.test(word) ? 'type' : 'about', word];
    }),
  );
}
