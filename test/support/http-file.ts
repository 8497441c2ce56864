/**
 * Reads a file of requests in the form of VS Code's REST Client, as far as requests.http uses it: requests between lines of
 * `###`, variables (`@host = …`), names of requests (`# @name login`), and values of what was answered
 * (`{{login.response.body.$.data.userId}}`).
 */

export interface HttpRequest {
  readonly title: string;
  /** By which others refer to its answer. */
  readonly name: string | null;
  /** As written, with its variables. */
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpFile {
  readonly variables: ReadonlyMap<string, string>;
  readonly requests: readonly HttpRequest[];
}

export function parseHttpFile(text: string): HttpFile {
  return { variables: variablesIn(text), requests: text.split(/^###/m).slice(1).map(requestOf) };
}

/** Variables of lines like `@host = http://127.0.0.1:3000`; the last one of a name counts. */
export function variablesIn(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const));
}

function requestOf(section: string): HttpRequest {
  const [title = '', ...lines] = section.split('\n');
  const isRemark = (line: string) => /^(#|@\w+ = )/.test(line);
  const remarks = lines.filter(isRemark).join('\n');
  const [head = '', ...bodies] = lines
    .filter((line) => !isRemark(line))
    .join('\n')
    .trim()
    .split('\n\n');
  const [first = '', ...headers] = head.split('\n');
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(first) ?? [];
  if (method === undefined || url === undefined) throw new Error(`no request under "${title.trim()}": ${first}`);
  return {
    title: title.trim(),
    name: /^# @name (\w+)$/m.exec(remarks)?.[1] ?? null,
    ...{ method, url },
    headers: Object.fromEntries(headers.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string])),
    body: bodies.length === 0 ? null : bodies.join('\n\n'),
  };
}

/** Puts values in for `{{variable}}` and `{{name.response.body.$.path}}`; `answers` are the parsed bodies by request name. */
export function filledIn(
  text: string,
  variables: ReadonlyMap<string, string>,
  answers: ReadonlyMap<string, unknown>,
): string {
  return text.replace(/\{\{([^}]+)\}\}/g, (_, reference: string) => {
    const [, name = '', path = ''] = /^(\w+)\.response\.body\.\$\.(.+)$/.exec(reference) ?? [];
    if (name !== '') return valueAt(answers.get(name), path, reference);
    const value = variables.get(reference);
    if (value === undefined) throw new Error(`nothing sets {{${reference}}}`);
    return filledIn(value, variables, answers);
  });
}

/** A value of a parsed body by a path as `data.links[0].id`. */
function valueAt(body: unknown, path: string, reference: string): string {
  const value = path
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | null | undefined)?.[step], body);
  if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`no answer has {{${reference}}}`);
  return String(value);
}
