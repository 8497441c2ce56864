import { expect } from 'chai';
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

  it('loads the driver of the server in a URL, and no other', () => {
    expect(driversLoadedFor('redis://127.0.0.1:1')).to.deep.equal(['bullmq', 'ioredis']);
  });
});
