import { expect } from 'chai';
import { checkSound, isBuiltInUsable } from '../../src/adapters/sqlite/driver.js';
import { StoreFailed } from '../../src/store-errors.js';
import { runProgram } from '../run-program.js';
import { temporaryFolder } from './temporary-file.js';

describe('The SQLite driver', () => {
  for (const [node, sqlite, builtIn] of [
    ['20.20.2', undefined, false],
    ['22.23.3', '3.51.3', false], // Prints a warning.
    ['24.14.1', '3.51.2', false],
    ['24.15.0', '3.51.3', true],
    ['24.21.0', '3.53.4', true],
    ['26.1.0', '3.100.0', true],
    ['26.1.0', undefined, false], // Built without it.
  ] as const)
    it(`on Node ${node} with ${sqlite ? `SQLite ${sqlite}` : 'no SQLite'} is ${builtIn ? "Node's own" : 'the stand-in'}`, () => {
      expect(isBuiltInUsable({ node, ...(sqlite && { sqlite }) })).to.equal(builtIn);
    });

  it('rejects an SQLite that can damage files, and says what to do', () => {
    for (const sound of ['3.51.3', '3.51.10', '3.53.0', '4.0.0']) expect(() => checkSound(sound)).not.to.throw();
    for (const unsound of ['3.45.1', '3.51.2', '3.9.0'])
      expect(() => checkSound(unsound)).to.throw(StoreFailed, /3\.51\.3 or newer is needed. Use Node 24\.15 or newer/);
  });

  it('prints nothing when a file is opened and closed, and leaves only that file', () => {
    const folder = temporaryFolder();
    const program = `
      import { readdirSync } from 'node:fs';
      import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
      const database = openDatabase(process.argv[1] + '/a.db', { synchronous: 'FULL' });
      database.exec('CREATE TABLE things (id)');
      database.close();
      console.log(readdirSync(process.argv[1]).join());`;
    const printed = runProgram(program, folder.path);
    folder.remove();
    expect(printed).to.deep.equal({ stdout: 'a.db\n', stderr: '' });
  });
});
