import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { runCommandLine } from '../src/cli/program.js';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface On {
  readonly folder: string;
  readonly views: ViewRegistry;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with what is written to standard error, as it is. */
  readonly heard?: (text: string) => void;
}

/** Runs the operator's command line on the stores in a folder. */
export async function runOn({ folder, views, env, heard }: On, ...args: string[]): Promise<Run> {
  const written = { out: '', err: '' };
  const code = await runCommandLine(args, {
    views,
    env: { DATA_DIR: folder, ...env },
    out: { write: (text) => (written.out += text) },
    err: {
      write(text) {
        written.err += text;
        heard?.(text);
      },
    },
  });
  return { code, ...written };
}
