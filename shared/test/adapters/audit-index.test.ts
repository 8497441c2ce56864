import { openMongoAuditIndex } from '../../src/adapters/mongodb/audit-index.js';
import { openAuditIndex } from '../../src/adapters/sqlite/audit-index.js';
import { auditIndexContract } from '../../testing/audit-index-contract.js';
import { PATIENT_MS } from '../../testing/contract.js';
import { memoryAuditIndex } from '../../testing/memory-audit-index.js';
import { placeOnFake } from './place-on-fake.js';
import { placeOnFile } from './temporary-file.js';

auditIndexContract('In memory', async () => {
  const index = memoryAuditIndex();
  return { connect: async () => index, dispose: async () => undefined };
});
auditIndexContract('SQLite', async () => placeOnFile(openAuditIndex));
auditIndexContract('MongoDB', () => placeOnFake((url) => openMongoAuditIndex(url, { answerMs: PATIENT_MS })));
