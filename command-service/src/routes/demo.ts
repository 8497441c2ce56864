import type { Route } from '@creator-dashboards/shared/http/route';
import type { CommandService } from '../runtime/service.js';
import { demoCheckoutRoutes } from './demo-checkout.js';
import { demoOnboardingRoutes } from './demo-onboarding.js';

/** The pages of the built-in providers: in a demonstration their addresses lead here. */
export function demoRoutes(service: CommandService): Route[] {
  return [...demoCheckoutRoutes(service), ...demoOnboardingRoutes(service)];
}
