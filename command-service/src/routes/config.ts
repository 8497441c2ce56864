/** Config values and kill switches (domain 4). A setting is an event in the log, with who set it and why. */
import { reasonText } from '@creator-dashboards/shared/http/fields';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { configKeys, isConfigKey, killSwitchNames } from '@creator-dashboards/shared/platform-config';
import type { ConfigEvent } from '@creator-dashboards/shared/events/config';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import type { Decider } from '../domain/decider.js';
import { killSwitch, platformConfig } from '../domain/platform-config.js';
import { openDifference } from '../commands/open-difference.js';
import type { CommandService } from '../runtime/service.js';

type Value = EventNamed<'ConfigValueSet'>['data']['value'];

const DETAILS_MAX = 20;

export function configRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'PUT',
      path: '/admin/config/:key',
      summary: 'Set a config value',
      who: 'admin',
      limit: 'usual',
      params: z.strictObject({ key: z.string().max(100) }),
      body: z.strictObject({ value: z.json().describe('no key takes null'), reason: reasonText }),
      data: writtenData,
      errors: ['admin.config.unknown_key', 'admin.config.invalid_value', 'admin.config.conflict'],
      async handle(request) {
        const { key } = request.params;
        // Kill switches are not config keys: they have a route of their own (domain 9.11).
        if (!isConfigKey(key)) throw new Refused('admin.config.unknown_key');
        const value = fitting(configKeys[key].schema, request.body.value);
        return set(service, request, platformConfig, { type: 'SetConfigValue', key, value });
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/kill-switches/:name',
      summary: 'Engage or release a kill switch',
      who: 'admin',
      limit: 'usual',
      params: z.strictObject({ name: z.string().max(100) }),
      body: z.strictObject({ engaged: z.boolean(), reason: reasonText }),
      data: writtenData,
      errors: ['admin.kill_switch.unknown', 'admin.kill_switch.unchanged', 'admin.money.difference_open'],
      async handle(request) {
        const name = killSwitchNames.find((each) => each === request.params.name);
        if (!name) throw new Refused('admin.kill_switch.unknown');
        const { engaged } = request.body;
        const allow = name === 'PAYOUT' && !engaged ? () => demandNoDifference(service) : undefined;
        return set(service, request, killSwitch, { type: 'TurnKillSwitch', name, engaged, item: null }, allow);
      },
    }),
  ];
}

/** Payouts stay stopped while the money does not fit. One that is found meanwhile engages the switch again. */
async function demandNoDifference(service: CommandService): Promise<void> {
  const item = await openDifference(service);
  if (item !== null) throw new Refused('admin.money.difference_open', { vars: { item } });
}

/** The value as its schema reads it; else a 400 that says what is wrong. */
function fitting(schema: z.ZodType, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as Value; // every config schema describes JSON
  const details = parsed.error.issues.map(({ path, message }) => ({
    message: `${['value', ...path].join('.')}: ${message}`,
  }));
  throw new Refused('admin.config.invalid_value', { details: details.slice(0, DETAILS_MAX) });
}

/**
 * Decides, and responds once this service's own look-up has the new value. `allow` is not asked of a command that has run already (9.7).
 * The reason is sealed for the admin: it is about nobody.
 */
async function set<S, C>(
  service: CommandService,
  request: RouteRequest,
  decider: Decider<S, C, ConfigEvent>,
  command: C,
  allow: () => Promise<void> = async () => undefined,
) {
  const { userId: subject } = request.actor;
  const context = await contextOf(service, request, subject === null ? {} : { subject });
  const allowed = async () => {
    await allow();
    return command;
  };
  const set = orThrow(await service.commands.handleBy(decider, decider.streamOf(command), allowed, context));
  await service.lookups.reached(set.position);
  return writeResponse(service, set);
}
