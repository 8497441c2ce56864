/** Config is read once for the commands of a moment, and again as soon as this process may know better. */
import { CHECKPOINTS } from '@creator-dashboards/shared/feed/lease';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { config as configView } from '@creator-dashboards/shared/views/config/fold';
import { expect } from 'chai';
import { configuration } from '../../src/features/config.js';
import { lookupCollection } from '../../src/runtime/lookups.js';
import { rememberedConfig, type RememberedConfig } from '../../src/runtime/remembered-config.js';
import { createHarness, type Harness } from '../support/harness.js';

describe('The remembered config', () => {
  let h: Harness;
  let now: number;
  let read: number;
  let fault: Error | null;
  let remembered: RememberedConfig;
  beforeEach(async () => {
    h = await createHarness({ features: [configuration] });
    [now, read, fault] = [0, 0, null];
    const { reads } = h.service;
    const get: ReadStore['get'] = (...asked) => {
      read += 1;
      return fault ? Promise.reject(fault) : reads.get(...asked);
    };
    remembered = rememberedConfig({ ...reads, get }, { monotonic: () => now });
  });
  afterEach(() => h.close());

  it('is read once in 50 ms, whoever asks', async () => {
    await Promise.all([remembered.get(), remembered.get()]);
    now = 49;
    await remembered.get();
    expect(read).to.equal(1);
    now = 50;
    await remembered.get();
    expect(read).to.equal(2);
  });

  it('is read again once its feed has written it in this process, but not for each checkpoint', async () => {
    const document = { _id: 'CONFIG', position: 1n };
    for (const [collection, reads] of [
      [CHECKPOINTS, 1],
      [lookupCollection(configView), 2],
    ] as const) {
      await remembered.get();
      await remembered.reads.declare(collection, []);
      await remembered.reads.write(collection, [{ document, expected: null }]);
      await remembered.get();
      expect(read, collection).to.equal(reads);
    }
  });

  it('is not remembered where it could not be read', async () => {
    fault = new Error('away');
    expect(await remembered.get().catch((error: unknown) => error)).to.equal(fault);
    fault = null;
    expect(await remembered.get()).to.equal(null);
  });
});
