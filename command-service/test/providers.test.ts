import { readEnvironment, EnvironmentError } from '@creator-dashboards/shared/process/environment';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { openFoundation } from '@creator-dashboards/shared/process/service';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCommandService } from '../src/command-service.js';

describe('The command service', () => {
  it('does not start on simulators that are switched off, as they are in production', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'providers-'));
    const environment = readEnvironment({ DATA_DIR: folder, SIMULATORS: '0' });
    const foundation = await openFoundation(environment, silentLog);
    const open = () => openCommandService(foundation, () => undefined);
    expect(open).to.throw(EnvironmentError, 'SIMULATORS must be 1');
    await foundation.stores.close();
    rmSync(folder, { recursive: true });
  });
});
