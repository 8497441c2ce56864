/** The port: cuts each connection's bytes into messages and hands them over one after the other. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { freePort } from '../free-port.js';

/** The outcome of a message: bytes to answer, nothing to answer, or a broken connection. */
export type FrameOutcome = Uint8Array | null | 'break';

export interface Door {
  /** Fixed by the first `open`. */
  readonly port: number;
  open(): Promise<void>;
  /** Rejects new connections and breaks the existing ones. */
  close(): Promise<void>;
}

const LARGEST = 48_000_000;

/** `serve` is called for one message of a connection at a time. If it throws, that connection breaks. */
export function createDoor(serve: (frame: Buffer) => Promise<FrameOutcome>): Door {
  const sockets = new Set<Socket>();
  let port = 0;

  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const frames: Buffer[] = [];
    let busy = false;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const cut = cutter((frame) => frames.push(frame));
    socket.on('data', (bytes) => {
      if (!cut(bytes)) socket.destroy();
      else if (!busy) void work();
    });

    async function work(): Promise<void> {
      busy = true;
      for (let frame = frames.shift(); frame; frame = frames.shift()) {
        const outcome = await serve(frame).catch(said);
        if (outcome === 'break') socket.destroy();
        if (outcome instanceof Uint8Array && !socket.destroyed) socket.write(outcome);
      }
      busy = false;
    }
  });

  return {
    get port() {
      return port;
    },
    async open() {
      if (listener.listening) return;
      port ||= await freePort();
      listener.listen(port, '127.0.0.1');
      await once(listener, 'listening');
    },
    async close() {
      if (!listener.listening) return;
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** An error of the fake itself, not the client's: it must not pass for a fault that a test asked for. */
function said(error: unknown): FrameOutcome {
  console.error('the fake MongoDB failed:', error);
  return 'break';
}

/** Takes bytes as they come; answers false when they are not messages. */
function cutter(take: (frame: Buffer) => void): (bytes: Buffer) => boolean {
  let parts: Buffer[] = [];
  let size = 0;
  return (bytes) => {
    parts.push(bytes);
    size += bytes.length;
    for (;;) {
      if (size < 4) return true;
      if ((parts[0]?.length ?? 0) < 4) parts = [Buffer.concat(parts)];
      const wanted = parts[0]?.readInt32LE(0) ?? 0;
      if (wanted < 16 || wanted > LARGEST) return false;
      if (size < wanted) return true;
      const all = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      take(all.subarray(0, wanted));
      parts = all.length > wanted ? [all.subarray(wanted)] : [];
      size = all.length - wanted;
    }
  };
}
