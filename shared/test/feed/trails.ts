import { join } from 'node:path';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import type { Consumer } from '../../src/feed/consumer.js';
import type { FoldedDocument } from '../../src/fold.js';
import type { ReadStore } from '../../src/ports.js';
import { temporaryFolder } from '../adapters/temporary-file.js';

export interface Trail extends FoldedDocument {
  /** Positions of what was applied. */
  readonly trail: string;
}

/** Takes the events of type `Noted` by userId, and cannot read one that is broken. */
export const trails: Consumer = {
  name: 'trails.v1',
  collection: 'trails',
  indexes: [],
  takes: ({ type }) => type === 'Noted',
  keyOf: ({ metadata: { keys } }) => keys.userId,
  apply(key, before, { position, data }) {
    if (data.broken === true) throw new Error('it is broken');
    return { _id: key, position, trail: `${(before as Trail | null)?.trail ?? ''} ${position}` } as Trail;
  },
};

/** Opens an empty read store before each test, and closes it afterwards. Returns that of the present test. */
export function emptyReads(): () => ReadStore {
  let folder: ReturnType<typeof temporaryFolder>;
  let reads: ReadStore;
  beforeEach(() => {
    folder = temporaryFolder();
    reads = openReadStore(join(folder.path, 'views.db'));
  });
  afterEach(async () => {
    await reads.close();
    folder.remove();
  });
  return () => reads;
}
