import { anyFold, type Family } from '../family.js';
import { purges } from '../lookups/purges.js';
import { eraseUser, purgeAccounts } from '../policies/erasure.js';
import { undoUnfinished } from '../policies/unfinished.js';
import { releaseUsername } from '../policies/usernames.js';
import { adminUserRoutes } from '../routes/admin-users.js';
import { authRoutes } from '../routes/auth.js';
import { userRoutes } from '../routes/users.js';

/** Accounts: registration, login, names, blocks, deactivation, erasure; and the undoing of whatever reserved something and stopped. */
export const users: Family = {
  routes: (service) => [...authRoutes(service), ...userRoutes(service), ...adminUserRoutes(service)],
  policies: [releaseUsername, eraseUser],
  clockTasks: [purgeAccounts, undoUnfinished],
  lookups: [anyFold(purges)],
};
