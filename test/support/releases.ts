/**
 * Releases of the creator dashboard that tell themselves apart in every document: the count of messages of release n is 1,000 n too
 * high. Each release keeps the code of the one before it.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { CreatorDashboardDocument } from '@creator-dashboards/shared/views/creator-dashboard/document';
import { views, type Views } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';

export const VIEW = 'creatorDashboard';
const RAISED = 1_000;
const original = views[VIEW];

/** The views of release 0, 1, 2 …; 0 is the code as it is. */
export function release(n: number): typeof views {
  return { ...views, [VIEW]: dashboardOf(n, true) };
}

function dashboardOf(n: number, isKeeping: boolean): View<CreatorDashboardDocument> {
  if (n === 0) return original;
  return {
    ...original,
    version: original.version + n,
    changes: ['totalMessages'],
    handlers: raised(n),
    ...(isKeeping && { kept: dashboardOf(n - 1, false) }),
  };
}

type Handler = (content: Views[typeof VIEW], event: never) => Views[typeof VIEW];

/** The same handlers, each of which leaves the release's mark in what it makes. */
function raised(n: number): View<CreatorDashboardDocument>['handlers'] {
  const marked = Object.entries(original.handlers).map(([type, handler]) => [
    type,
    (content: Views[typeof VIEW], event: never) => {
      const next = (handler as Handler)({ ...content, totalMessages: content.totalMessages % RAISED }, event);
      return { ...next, totalMessages: next.totalMessages + RAISED * n };
    },
  ]);
  return Object.fromEntries(marked) as View<CreatorDashboardDocument>['handlers'];
}

/** The release that made a document, by its mark. */
export function releaseOf({ totalMessages }: FoldedDocument & { readonly totalMessages: number }): number {
  return Math.floor(totalMessages / RAISED);
}
