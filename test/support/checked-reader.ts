/** A query service that is asked again and again, and each of whose answers is held against a plain fold of the log. */
import { createBus, type BusOptions } from '@creator-dashboards/query-service/changes/bus';
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { createViewReader } from '@creator-dashboards/query-service/reads/read';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { Refused } from '@creator-dashboards/shared/errors';
import type { EventStore, Position, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { plainFold } from '@creator-dashboards/shared/testing/plain-fold';
import type { Clock } from '@creator-dashboards/shared/time';
import type { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { release, releaseOf, VIEW } from './releases.js';

export interface CheckedReader {
  /**
   * Reads a dashboard, perhaps after this position. The answer must be there, whole from one release, hold every event up to its
   * X-Position, and never be behind the answer before. Returns the release that made it.
   */
  read(key: string, after?: Position): Promise<number>;
  /** Resolves when there is something to show. */
  ready(key: string): Promise<void>;
}

interface Ports {
  readonly reads: ReadStore;
  readonly events: EventStore & { readonly all: readonly RecordedEvent[] };
  readonly clock: Clock;
}

export function openReader(
  { reads, events, clock }: Ports,
  code: typeof views,
  name: string,
  how: Pick<BusOptions, 'looksAlways'> = {},
): CheckedReader {
  const sealer = { open: async () => null, isErased: async () => false, forget: () => undefined };
  const bus = createBus({ reads, changes: createChanges(), clock, views: code, ...how });
  const reader = createViewReader({ reads, events, sealer, clock, views: code, bus });
  /** The furthest position of each dashboard. */
  const shown = new Map<string, Position>();
  const ask = async (key: string, after?: Position) =>
    reader.answer(
      { header: (header) => (header === 'read-after' ? after?.toString() : undefined) },
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
  return {
    async ready(key) {
      for (;;) {
        const answer = await ask(key).catch((error: unknown) => {
          if (!(error instanceof Refused)) throw error;
        });
        if (answer && (answer.data as { readonly document: unknown }).document !== null) return;
        await turn();
      }
    },
    async read(key, after) {
      const { headers, data } = await ask(key, after);
      const { document } = data as { readonly document: (FoldedDocument & { readonly totalMessages: number }) | null };
      const position = BigInt(headers?.['X-Position'] ?? 0);
      const told = `${name} at ${position}: ${headers?.['ETag']}`;
      if (!document) throw new Error(`${told}: no document`);
      const by = releaseOf(document);
      const held = events.all.filter((event) => event.position <= position);
      const expected = plainFold(release(by)[VIEW], held).find(({ _id }) => _id === key);
      expect(document, told).to.deep.equal(expected);
      expect(headers?.['ETag'], told).to.include(`"v${release(by)[VIEW].version}`);
      const before = shown.get(key) ?? 0n;
      expect(position >= before, `${told}: ${before} was shown before`).to.equal(true);
      shown.set(key, position);
      return by;
    },
  };
}
