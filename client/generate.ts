/**
 * Writes `src/generated/api.d.ts`: the types of the API, from the description that `/openapi.json` answers. Nothing is written where
 * description and options are those of the last time, since making the types takes seconds.
 */
import { openApi } from '@creator-dashboards/shared/http/openapi';
import { checkedRoutes } from '@creator-dashboards/shared/http/table';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { openFoundation } from '@creator-dashboards/shared/process/service';
import openapiTS, { astToString } from 'openapi-typescript';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystem } from '../system.js';

const FOLDER = join(import.meta.dirname, 'src/generated');
const [TYPES, DESCRIPTION] = [join(FOLDER, 'api.d.ts'), join(FOLDER, 'openapi.json')];

// What a body may leave out may be left out, also where it has a default.
const options = { defaultNonNullable: false };
const head = `// Made with ${JSON.stringify(options)}\n`;

const description = JSON.stringify(await describe());
if (description !== read(DESCRIPTION) || !read(TYPES)?.startsWith(head)) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(TYPES, head + astToString(await openapiTS(description, options)));
  writeFileSync(DESCRIPTION, description);
}

/** Of the embedded system, which has the routes of all services. */
async function describe() {
  const folder = mkdtempSync(join(tmpdir(), 'api-types-'));
  const { stores, ...rest } = await openFoundation(readEnvironment({ DATA_DIR: folder }), silentLog);
  try {
    return openApi(checkedRoutes(createSystem({ ...rest, stores }).routes), { title: 'Creator dashboards' });
  } finally {
    await stores.close();
    rmSync(folder, { recursive: true });
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // the first time
  }
}
