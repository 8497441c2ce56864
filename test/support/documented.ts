/** Command lines of the documentation, as they stand there, on the sources of a checkout. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** Its page and its first line. */
  readonly title: string;
  /** "sh", "diff", "text" … */
  readonly language: string;
  /** What the fence says beyond that, as "needs …". */
  readonly mark: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(?:ba)?(\w+) *(.*)\n([^]*?)^```$/gm)].map(
    ([, language = '', mark = '', block = '']) => {
      const [first = ''] = block.split(/ +#|\n/);
      return { title: `${page}: ${language === 'diff' ? mark : first}`, language, mark, text: block };
    },
  );
}

/** `…` is any text within a line: "… documents" is any number of documents. */
export function patternOf(line: string): RegExp {
  return new RegExp(
    line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
}

/** Programs as the sources have them, and a curl for which an error of the server is one. */
const PRELUDE = `
set -euo pipefail
npm() { command npm --prefix "$ROOT" "$@"; }
npx() {
  case "$1 $2" in
    '--no projector') entry=projector/src/cli.ts ;;
    '--no audit') entry=audit.ts ;;
    *) echo "npx $1 $2 is not tried here" >&2; return 2 ;;
  esac
  node --conditions=source --import "$ROOT/test/register.mjs" "$ROOT/$entry" "\${@:3}"
}
curl() { command curl --fail --show-error "$@"; }
exec 2>&1
`;

export interface Place {
  /** The checkout whose programs are meant. */
  readonly root: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a block by bash, in an environment without settings of ours but the given ones. Resolves with its exit code and all that it printed. */
export function runScript(script: string, { root: of, cwd, env }: Place): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env;
  const options = { cwd, env: { PATH, HOME, ROOT: of, ...env }, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    const child = execFile('bash', ['-c', `${PRELUDE}${script}`], options, (_, said) =>
      resolve({ code: child.exitCode ?? -1, said }),
    );
  });
}
