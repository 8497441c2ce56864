/** A query service that is asked again and again, and each of whose answers is held against a plain fold of the log. */
import { createViewReader } from '@creator-dashboards/query-service/reads/read';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { plainFold } from '@creator-dashboards/shared/testing/plain-fold';
import type { Clock } from '@creator-dashboards/shared/time';
import type { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { release, releaseOf, VIEW } from './releases.js';

export interface CheckedReader {
  /**
   * Reads a dashboard. The answer must be there, whole from one release, hold every event up to its X-Position, and never be behind
   * the one before. Returns the release that made it.
   */
  read(key: string): Promise<number>;
}

interface Ports {
  readonly reads: ReadStore;
  readonly events: EventStore & { readonly all: readonly RecordedEvent[] };
  readonly clock: Clock;
}

export function openReader({ reads, events, clock }: Ports, code: typeof views, name: string): CheckedReader {
  const sealer = { open: async () => null, isErased: async () => false, forget: () => undefined };
  const reader = createViewReader({ reads, events, sealer, clock, views: code, rememberMs: 0 });
  let shown: Position = 0n;
  return {
    async read(key) {
      const { headers, data } = await reader.answer(
        { header: () => undefined },
        {
          view: VIEW,
          key,
          show:
            ({ document }) =>
            () => ({ document }),
          showKept:
            ({ document }) =>
            () => ({ document }),
        },
      );
      const { document } = data as { readonly document: (FoldedDocument & { readonly totalMessages: number }) | null };
      const position = BigInt(headers?.['X-Position'] ?? 0);
      const told = `${name} at ${position}: ${headers?.['ETag']}`;
      if (!document) throw new Error(`${told}: no document`);
      const by = releaseOf(document);
      const held = events.all.filter((event) => event.position <= position);
      const expected = plainFold(release(by)[VIEW], held).find(({ _id }) => _id === key);
      expect(document, told).to.deep.equal(expected);
      expect(headers?.['ETag'], told).to.include(`"v${release(by)[VIEW].version}`);
      expect(position >= shown, `${told}: ${shown} was shown before`).to.equal(true);
      shown = position;
      return by;
    },
  };
}
