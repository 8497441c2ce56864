import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fingerprintsOfSources, withFingerprints } from '../../src/process/fingerprints.js';
import { definitions } from '../../src/events/index.js';
import { views } from '../../src/views/registry.js';
import type { Fingerprints } from '../../src/views/view.js';

const FILES: Record<string, string> = {
  'open-tabs/document.ts': `export interface Tabs { readonly open: number; readonly state: 'NEW' | 'OLD' }`,
  'open-tabs/fold.ts': `import { more } from '../sums.js';
export const openTabs = { name: 'openTabs', version: 1, handlers: { Opened: (tabs) => more(tabs) } };`,
  'sums.ts': `export const more = (n) => n + 1;
export function unused(n) { return n - 1; }`,
};

describe('The fingerprint of the code of a view', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fingerprints-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function of(changes: Record<string, string> = {}, view = 'openTabs'): Fingerprints | undefined {
    for (const [name, text] of Object.entries({ ...FILES, ...changes })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return fingerprintsOfSources(folder)[view];
  }
  const changed = (file: string, from: string | RegExp, to: string) => ({
    [file]: (FILES[file] ?? '').replace(from, to),
  });

  it('stays where only comments, layout or the declared version differ', () => {
    const before = of();
    expect(of(changed('open-tabs/fold.ts', 'export', '/* what is open */\nexport\n  '))).to.deep.equal(before);
    expect(of(changed('open-tabs/fold.ts', 'version: 1', `version: 2, changes: ['open']`))).to.deep.equal(before);
    const longer = `export interface Tabs {
  /** How many. */
  readonly open: number; // never below 0
  readonly state:
    | 'NEW'
    | 'OLD'
}`;
    expect(of({ 'open-tabs/document.ts': longer })).to.deep.equal(before);
  });

  it('stays where something changes that the view does not use', () => {
    const before = of();
    expect(of(changed('sums.ts', 'n - 1', 'n - 2'))).to.deep.equal(before);
    expect(of({ 'closed-tabs/fold.ts': 'export const closedTabs = {};' })).to.deep.equal(before);
  });

  it('changes with a handler, and with what a handler imports', () => {
    const before = of();
    expect(of(changed('open-tabs/fold.ts', 'more(tabs)', 'more(more(tabs))'))?.fold).not.to.equal(before?.fold);
    const after = of(changed('sums.ts', 'n + 1', 'n + 2'));
    expect(after?.fold).not.to.equal(before?.fold);
    expect(after?.shape, 'the documents look the same').to.equal(before?.shape);
  });

  it('changes with the shape of the documents', () => {
    const before = of();
    for (const [from, to] of [
      ['number', 'string'],
      [`'OLD'`, `'/* OLD */'`],
    ] as const) {
      const after = of(changed('open-tabs/document.ts', from, to));
      expect(after?.shape, to).not.to.equal(before?.shape);
      expect(after?.fold, to).not.to.equal(before?.fold);
    }
  });

  it('is the same of a copy kept in a folder of its version', () => {
    const kept = {
      'open-tabs/v1/document.ts': FILES['open-tabs/document.ts'] ?? '',
      'open-tabs/v1/fold.ts': (FILES['open-tabs/fold.ts'] ?? '').replace('../sums', './sums'),
      'open-tabs/v1/sums.ts': FILES['sums.ts'] ?? '',
    };
    expect(of(kept, 'openTabs.v1')).to.deep.equal(of());
  });
});

describe('The fingerprints of the views of a process', () => {
  const foldOf = (handlers: object) =>
    withFingerprints({ message: { ...views.message, handlers } }).message.fingerprints?.fold;

  it('are there for every view', () => {
    for (const [name, view] of Object.entries(withFingerprints(views))) {
      expect(view.name).to.equal(name);
      expect(view.fingerprints?.fold, name).to.match(/^[0-9a-f]{16}$/);
    }
  });

  it('change with the types of event that the view handles and with their schema versions', () => {
    const before = foldOf({ MessageSent: 0 });
    expect(foldOf({ MessageSent: 0, MessageDelivered: 0 })).not.to.equal(before);
    const definition = definitions.MessageSent as { version: number };
    definition.version += 1;
    try {
      expect(foldOf({ MessageSent: 0 })).not.to.equal(before);
    } finally {
      definition.version -= 1;
    }
  });
});
