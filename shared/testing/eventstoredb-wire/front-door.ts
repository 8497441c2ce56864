/**
 * The port that clients connect to, in front of the gRPC server: it does what a network and a killed or frozen process
 * do to connections, below gRPC. Bytes are passed on unchanged.
 */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../free-port.js';

export interface FrontDoor {
  /** Fixed by the first `open`. */
  readonly port: number;
  open(): Promise<void>;
  /** Rejects new connections and breaks the existing ones. */
  close(): Promise<void>;
  /** Without a farewell. Resolves when clients in this process have had time to see it. */
  breakAll(): Promise<void>;
  /** Breaks the connection that carries a call; `peer` as the gRPC server sees it. */
  breakOne(peer: string): void;
  isConnected(peer: string): boolean;
  /** Accepts connections and bytes, passes nothing on in either direction until `thaw`. */
  freeze(): void;
  thaw(): void;
}

const TURNS_TO_NOTICE = 10;

interface Line {
  readonly client: Socket;
  readonly inner: Socket;
}

export function createFrontDoor(innerPort: number): FrontDoor {
  const lines = new Set<Line>();
  const resume = new Set<() => void>();
  let port = 0;
  let frozen = false;

  const listener = createServer({ noDelay: true }, (client) => {
    const inner = connect({ port: innerPort, host: '127.0.0.1', noDelay: true });
    const line = { client, inner };
    lines.add(line);
    const end = () => {
      lines.delete(line);
      client.destroy();
      inner.destroy();
    };
    for (const socket of [client, inner]) socket.on('error', end).on('close', end);
    pass(client, inner);
    pass(inner, client);
  });

  function pass(from: Socket, to: Socket): void {
    const send = (bytes: Buffer) => {
      if (!to.write(bytes)) from.pause();
    };
    from.on('data', (bytes: Buffer) => {
      if (!frozen) return send(bytes);
      from.pause();
      resume.add(() => send(bytes));
    });
    to.on('drain', () => {
      if (!frozen) from.resume();
    });
  }

  const lineOf = (peer: string) => [...lines].find(({ inner }) => peer.endsWith(`:${inner.localPort}`));

  async function breakAll(): Promise<void> {
    for (const { client } of lines) client.destroy();
    lines.clear();
    resume.clear();
    for (let i = 0; i < TURNS_TO_NOTICE; i++) await turn();
  }

  function thaw(): void {
    frozen = false;
    for (const send of resume) send();
    resume.clear();
    for (const { client, inner } of lines) {
      client.resume();
      inner.resume();
    }
  }

  return {
    get port() {
      return port;
    },
    async open() {
      port ||= await freePort();
      listener.listen(port, '127.0.0.1');
      await once(listener, 'listening');
    },
    async close() {
      frozen = false;
      if (!listener.listening) return;
      const closed = once(listener, 'close');
      listener.close();
      await breakAll();
      await closed;
    },
    breakAll,
    breakOne(peer) {
      lineOf(peer)?.client.destroy();
    },
    isConnected: (peer) => lineOf(peer) !== undefined,
    freeze() {
      frozen = true;
    },
    thaw,
  };
}
