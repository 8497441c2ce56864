/** What the routes of projections have in common. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { z } from 'zod';

export const PATH = '/admin/projections';

export const name = z.string().max(200);
export const ofView = z.strictObject({ view: name });

/** Throws Refused (404) for a name that no view has. */
export function viewNamed(views: ViewRegistry, view: string): View {
  const found = Object.hasOwn(views, view) ? views[view] : undefined;
  if (!found) throw new Refused('admin.projection.unknown');
  return found;
}
