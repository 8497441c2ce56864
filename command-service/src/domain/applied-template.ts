/** What streams remember of the template on a bio page: enough to tell that it is the same, and the same as it was. */
import { canonical } from '@creator-dashboards/shared/canonical';
import type { BioTemplate } from '@creator-dashboards/shared/events/creator';
import { derivedId } from '@creator-dashboards/shared/ids';

export interface AppliedTemplate {
  readonly id: string;
  /** Of all that the template said. */
  readonly digest: string;
}

export function appliedTemplate(template: BioTemplate | null): AppliedTemplate | null {
  return template && { id: template.id, digest: derivedId('template', canonical(template)) };
}
