import { expect } from 'chai';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../adapters/temporary-file.js';
import { runProgram } from '../run-program.js';

/** Opens and closes all stores, then prints the packages whose code the process has loaded. */
const PROGRAM = `
  import { Session } from 'node:inspector';
  import { connect } from '@creator-dashboards/shared/process/connect';

  const [dataDir, queueUrl] = process.argv.slice(1);
  const stores = await connect(
    { dataDir, eventStoreUrl: 'sqlite:', readStoreUrl: 'sqlite:', keyStoreUrl: 'sqlite:', queueUrl, masterKeys: ['a master key'] },
    { onTrouble: () => undefined },
  );
  await stores.close();
  const loaded = new Set();
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => {
    const found = /\\/node_modules\\/((@[^/]+\\/)?[^/]+)\\/(?!.*node_modules)/.exec(params.url);
    if (found) loaded.add(found[1]);
  });
  session.post('Debugger.enable');
  console.log(JSON.stringify([...loaded]));`;

/** Opens and closes all stores in a thread, as the command line does to read a whole log. */
const IN_A_THREAD = `
  import { Worker } from 'node:worker_threads';

  const [tsx, source] = ['tsx/esm/api', '@creator-dashboards/shared/process/connect'].map((name) => import.meta.resolve(name));
  const stores = ['eventStoreUrl', 'readStoreUrl', 'keyStoreUrl', 'queueUrl'].map((url) => [url, 'sqlite:']);
  const workerData = { source, environment: { dataDir: process.argv[1], masterKeys: ['a master key'], ...Object.fromEntries(stores) } };
  const script = \`import('\${tsx}').then(async ({ register }) => {
    register();
    const { source, environment } = (await import('node:worker_threads')).workerData;
    await (await (await import(source)).connect(environment)).close();
  })\`;
  new Worker(script, { eval: true, workerData }).on('exit', (code) => console.log(code));`;

const DRIVERS = ['@eventstore/db-client', '@grpc/grpc-js', 'bullmq', 'ioredis', 'mongodb'];

describe('Connecting to stores', () => {
  function driversLoadedFor(queueUrl: string): string[] {
    const folder = temporaryFolder();
    const { stdout, stderr } = runProgram(PROGRAM, folder.path, queueUrl);
    folder.remove();
    expect(stderr).to.equal('');
    const loaded = JSON.parse(stdout) as string[];
    return DRIVERS.filter((driver) => loaded.includes(driver));
  }

  it('loads no server driver when every store is a file', () => {
    expect(driversLoadedFor('sqlite:')).to.deep.equal([]);
  });

  it('makes files that only their owner can read, in a folder that others may enter, too', () => {
    const folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    expect(runProgram(PROGRAM, folder.path, 'sqlite:').stderr).to.equal('');
    const modes = readdirSync(folder.path).map((name) => [name, statSync(join(folder.path, name)).mode & 0o777]);
    folder.remove();
    expect(modes.map(([name]) => name)).to.include.members(['events.db', 'keys.db', 'views.db']);
    expect(modes.filter(([, mode]) => mode !== 0o600)).to.deep.equal([]);
  });

  it('works in a thread, which may not set what its process does to files', () => {
    const folder = temporaryFolder();
    const ran = runProgram(IN_A_THREAD, folder.path);
    folder.remove();
    expect(ran).to.deep.equal({ stdout: '0\n', stderr: '' });
  });

  it('loads the driver of the server in a URL, and no other', () => {
    expect(driversLoadedFor('redis://127.0.0.1:1')).to.deep.equal(['bullmq', 'ioredis']);
  });
});
