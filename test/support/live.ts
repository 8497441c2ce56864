/** A client of a live stream, as a browser's would be: `fetch`, with a token in a header. */
import { API, type TestSystem } from './system.js';

export interface LiveFrame {
  readonly event: string;
  readonly id: string | null;
  /** As it was sent. */
  readonly text: string;
}

export interface LiveClient {
  readonly status: number;
  /** The next frame, comments left out; null at the end. */
  next(): Promise<LiveFrame | null>;
  leave(): void;
}

export async function openLive(
  { port, bearer }: Pick<TestSystem, 'port' | 'bearer'>,
  userId: string,
  views: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<LiveClient> {
  const leaving = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}${API}/live?views=${views}`, {
    headers: { ...bearer(userId), Accept: 'text/event-stream', ...headers },
    signal: leaving.signal,
  });
  const frames = framesOf(response.body!);
  return {
    status: response.status,
    next: async () => (await frames.next()).value ?? null,
    leave: () => leaving.abort(),
  };
}

async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveFrame, undefined> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, event, id, data] = /^event: (\w+)\n(?:id: (.*)\n)?data: (.*)$/.exec(text.slice(0, end)) ?? [];
      if (event !== undefined) yield { event, id: id ?? null, text: data ?? '' };
      text = text.slice(end + 2);
    }
  }
}
