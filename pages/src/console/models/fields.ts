/** Answers of dashboards as lists of fields, so that two can be laid side by side and each number can be asked about. */
export interface Field {
  /** As the explanation of a number names it: "nextLevelRequirements.messages.current", "rewards.0.amount". */
  readonly path: string;
  readonly value: string | number | boolean | null;
}

/** Every value in a body, in its order. An empty list or object is left out. */
export function fieldsOf(body: unknown, path = ''): readonly Field[] {
  if (body === null || typeof body !== 'object') return [{ path, value: body as Field['value'] }];
  return Object.entries(body).flatMap(([name, inner]) => fieldsOf(inner, path === '' ? name : `${path}.${name}`));
}

export interface Pair {
  readonly path: string;
  readonly left: Field['value'] | undefined;
  readonly right: Field['value'] | undefined;
  readonly differs: boolean;
}

/** Two bodies, field by field; undefined where a body lacks it. */
export function pairsOf(left: unknown, right: unknown): readonly Pair[] {
  const lefts = new Map(fieldsOf(left ?? {}).map((field) => [field.path, field.value]));
  const rights = new Map(fieldsOf(right ?? {}).map((field) => [field.path, field.value]));
  const paths = [...new Set([...lefts.keys(), ...rights.keys()])];
  return paths.map((path) => {
    const [a, b] = [lefts.get(path), rights.get(path)];
    return { path, left: a, right: b, differs: a !== b };
  });
}

/** "nextLevelRequirements.messages.current" as words: "next level requirements · messages · current". */
export function wordsOf(path: string): string {
  const words = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return path.split('.').map(words).join(' · ');
}
