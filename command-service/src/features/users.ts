import type { Feature } from './feature.js';
import { dueErasures } from '../lookups/due-erasures.js';
import { finishErasures, purgeAccounts } from '../clock/due-erasures.js';
import { erasure } from '../policies/erasure.js';
import { undoUnfinished } from '../clock/unfinished.js';
import { adminUserRoutes } from '../routes/admin-users.js';
import { adminStaffRoutes } from '../routes/admin-staff.js';
import { authRoutes } from '../routes/auth.js';
import { passwordRoutes } from '../routes/passwords.js';
import { sessionRoutes } from '../routes/sessions.js';
import { userRoutes } from '../routes/users.js';

/** Accounts: registration, login, names, blocks, deactivation, erasure; and the undo of unfinished reservations. */
export const users: Feature = {
  routes: (service) => [
    ...authRoutes(service),
    ...sessionRoutes(service),
    ...passwordRoutes(service),
    ...userRoutes(service),
    ...adminUserRoutes(service),
    ...adminStaffRoutes(service),
  ],
  policies: [erasure],
  clockTasks: [purgeAccounts, finishErasures, undoUnfinished],
  lookups: [dueErasures],
};
