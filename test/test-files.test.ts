import { expect } from 'chai';
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';

/** Throws where no file matches. Of several patterns in a configuration, mocha itself then only warns. */
type LookupFiles = (pattern: string, extensions: readonly string[]) => readonly string[];
const MOCHA: string = 'mocha/lib/cli/lookup-files.js'; // Without types.
const { lookupFiles } = (await import(MOCHA)) as { readonly lookupFiles: LookupFiles };

describe('The test files', () => {
  const configs = readdirSync('.').filter((name) => /^\.mocharc\.\w+\.cjs$/.test(name));
  const environment = { ...process.env };
  /** A configuration sets variables when it is loaded. */
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  });

  it('are chosen by three configurations', () => {
    expect(configs).to.have.members(['.mocharc.parallel.cjs', '.mocharc.servers.cjs', '.mocharc.unit.cjs']);
  });

  for (const config of configs)
    it(`are found by each pattern of ${config}, none by two, and none of a module`, () => {
      const { spec } = createRequire(import.meta.url)(`../${config}`) as { readonly spec: readonly string[] };
      const files = spec.flatMap((pattern) => lookupFiles(pattern, ['js', 'cjs', 'mjs']));
      expect(files).to.have.length(new Set(files).size);
      expect(files.filter((file) => file.includes('node_modules'))).to.deep.equal([]);
    });
});
