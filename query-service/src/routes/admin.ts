/** Reads for admins and auditors: settings in force, and who set them (domain 8). */
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { z } from 'zod';
import { configBody, killSwitchesBody } from '@creator-dashboards/shared/views/config/body';
import { presentConfig, presentKillSwitches } from '@creator-dashboards/shared/views/config/present';
import type { ViewReader } from '../reads/read.js';

export function adminRoutes(reader: ViewReader): Route[] {
  const readConfig = (
    path: string,
    summary: string,
    data: z.ZodType,
    present: (config: ConfigDocument | null) => unknown,
  ) =>
    route({
      method: 'GET',
      path,
      summary,
      who: 'auditor',
      limit: 'usual',
      reads: true,
      data,
      errors: ['common.view_degraded'],
      handle: (request) =>
        reader.answer(request, {
          view: 'config',
          key: CONFIG_KEY,
          show:
            ({ document }) =>
            () =>
              present(document),
        }),
    });
  return [
    readConfig('/admin/config', 'Every config key: value, default, who changed it and when', configBody, presentConfig),
    readConfig(
      '/admin/kill-switches',
      'Every kill switch: whether it is engaged, who changed it and when',
      killSwitchesBody,
      presentKillSwitches,
    ),
  ];
}
