import { CLAIMS } from '@creator-dashboards/shared/claims';
import { callRoute, type Call } from '../../src/http/call-route.js';
import { claimed } from '../../src/http/claims.js';
import { createCommandHandler } from '../../src/runtime/command-loop.js';
import type { Feature } from '../../src/features/feature.js';
import { createFollowUps } from '../../src/runtime/policy.js';
import { rememberedConfig } from '../../src/runtime/remembered-config.js';
import type { CommandService } from '../../src/runtime/service.js';

export type Ports = Partial<Pick<CommandService, 'events' | 'reads' | 'counters' | 'providers' | 'clock'>>;

/** Another process on the same stores: its own memory of streams, its own ports where given, and no running feed. */
export function processBeside(service: CommandService, features: readonly Feature[], ports: Ports = {}) {
  const policies = features.flatMap((feature) => feature.policies);
  const { reads, clock = service.clock } = ports;
  const other: CommandService = {
    ...service,
    ...ports,
    ...(reads && { lookups: { ...service.lookups, config: rememberedConfig(reads, clock).get } }),
    commands: createCommandHandler(ports.events ?? service.events),
    runFollowUps: createFollowUps(policies, () => other),
  };
  const routes = features.flatMap((feature) => feature.routes(other)).map((route) => claimed(other, route));
  return { service: other, call: (row: string, options?: Call) => callRoute(routes, row, options) };
}

/** A process that dies after each command, before the claim of its Idempotency-Key says so. */
export function processDyingBeforeTheAnswer(service: CommandService, features: readonly Feature[]) {
  const write: CommandService['reads']['write'] = async (collection, writes) => {
    if (collection === CLAIMS && writes.some(({ expected }) => expected)) throw new Error('died');
    return service.reads.write(collection, writes);
  };
  return processBeside(service, features, { reads: { ...service.reads, write } });
}
