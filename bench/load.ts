/**
 * The load on a server of a benchmark, from a process of its own: keep-alive connections, each with one request at a time, as many
 * callers as there are tokens. It reads and writes sockets itself, because a client library costs more than the servers that are compared.
 */
import { fork } from 'node:child_process';
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
  /**
   * Rejects where any answer has another status, or a caller got two different bodies. Loads of the same process may run at a time: of two
   * processes that do not sleep, each would take a core, and the server would wait for one.
   */
  run(load: Load): Promise<LoadResult>;
  stop(): void;
}

/** What goes to the process and comes back, in whatever order loads end. */
export interface Asked {
  readonly nth: number;
  readonly load: Load;
}
export type Told = { readonly nth: number } & ({ readonly result: LoadResult } | { readonly fault: string });

export function startLoad(): LoadProcess {
  const child = fork(fileURLToPath(new URL('load-process.ts', import.meta.url)));
  const running = new Map<number, { resolve(result: LoadResult): void; reject(error: Error): void }>();
  let nth = 0;
  child.on('message', (told: Told) => {
    const load = running.get(told.nth);
    if ('fault' in told) load?.reject(new Error(told.fault));
    else load?.resolve(told.result);
    running.delete(told.nth);
  });
  child.once('exit', (code) => {
    for (const { reject } of running.values()) reject(new Error(`the load process ended with ${code}`));
  });
  return {
    run: (load) =>
      new Promise((resolve, reject) => {
        running.set((nth += 1), { resolve, reject });
        child.send({ nth, load } satisfies Asked);
      }),
    stop: () => void child.disconnect(),
  };
}
