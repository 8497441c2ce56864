/** A collector of traces, as OTLP over HTTP knows it: keeps every span that it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** As OTLP's JSON has it; what no test reads is left out. */
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly links?: readonly { readonly spanId: string }[];
}

interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
}

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the root of a trace. */
  readonly parent: string | undefined;
  readonly name: string;
  /** Numbers as they are written: a whole one may come as a text. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly string[];
}

export type Collector = Awaited<ReturnType<typeof openCollector>>;

export async function openCollector() {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      bodies.push(JSON.stringify(body));
      for (const { scopeSpans } of (body as Sent).resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans.map(collected));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: spans as readonly CollectedSpan[],
    /** All that was received, as it was sent. */
    bodies: bodies as readonly string[],
    async close(): Promise<void> {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

function collected({ traceId, spanId, parentSpanId, name, attributes, links = [] }: SentSpan): CollectedSpan {
  return {
    ...{ traceId, spanId, name, parent: parentSpanId || undefined },
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    links: links.map((link) => link.spanId),
  };
}
