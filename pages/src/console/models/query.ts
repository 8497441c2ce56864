/** What stands in an address of the console; `page` names the page. */
export type Query = Readonly<Record<string, string>>;

/** The same place without these. */
export function without(query: Query, ...names: readonly string[]): Query {
  return Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name)));
}
