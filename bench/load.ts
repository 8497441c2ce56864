/**
 * The load on a server of a benchmark, from a process of its own: keep-alive connections, each with one request at a time, as many
 * callers as there are tokens. It reads and writes sockets itself, because a client library costs more than the servers that are compared.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is asked, and for how long. The callers' requests are sent in turn; each is answered with this status, or the run does not count. */
export interface Load {
  /** Connections go to each of these in turn. */
  readonly ports: readonly number[];
  readonly method?: string;
  readonly path: string;
  readonly callers: readonly Caller[];
  readonly status: number;
  readonly connections: number;
  readonly ms: number;
  /** So many requests are begun each second, whatever the answers take; without it, each as soon as a connection is free. */
  readonly perSecond?: number;
  /** It sleeps while nothing comes. Else it keeps a core busy, so that no answer has to wake it at the server's cost. */
  readonly sleeps?: boolean;
  /** A caller's answers need not be the same: then there is no digest. */
  readonly isVarying?: boolean;
}

export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  /** Instead of the load's, if given. */
  readonly path?: string;
  /** Sent in turn. */
  readonly bodies?: readonly string[];
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** One digest over the bodies of all callers: the same from two servers that did the same work. Empty where answers vary. */
  readonly digest: string;
  /** Milliseconds from when a request was due to its whole answer. */
  readonly p50: number;
  readonly p99: number;
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
