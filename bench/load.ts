/**
 * The load on a server of a benchmark, from a process of its own: keep-alive connections, each with one request at a time, as many
 * callers as there are tokens. It reads and writes sockets itself, because a client library costs more than the servers that are compared.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is asked, and for how long. The requests are sent in turn; each is answered with this status, or the run does not count. */
export interface Load {
  readonly port: number;
  readonly path: string;
  /** Headers of each caller's request. */
  readonly callers: readonly Readonly<Record<string, string>>[];
  readonly status: number;
  readonly connections: number;
  readonly ms: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** One digest over the bodies of all callers: the same from two servers that did the same work. */
  readonly digest: string;
}

export interface LoadProcess {
  /** Rejects where any answer has another status, or a caller got two different bodies. */
  run(load: Load): Promise<LoadResult>;
  stop(): void;
}

export function startLoad(): LoadProcess {
  const child = fork(fileURLToPath(new URL('load-process.ts', import.meta.url)));
  return {
    run: (load) => answered(child, load),
    stop: () => void child.disconnect(),
  };
}

function answered(child: ChildProcess, load: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the load process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (result: LoadResult | { readonly fault: string }) => {
      child.off('exit', ended);
      if ('fault' in result) reject(new Error(result.fault));
      else resolve(result);
    });
    child.send(load);
  });
}
