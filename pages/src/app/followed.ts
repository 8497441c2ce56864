/** Dashboards of the caller's as they are pushed. */
import type { Dashboards, LiveView } from '../vendor/client.js';
import type { App } from './app.js';
import { createResource, type Resource } from './resource.js';

export interface Followed<V extends LiveView> {
  readonly of: { readonly [K in V]: Resource<Dashboards[K]> };
  /** Whether changes come at present. */
  readonly isLive: boolean;
  /** What of these waits for repair: something that happened is missing there. */
  readonly isDegraded: boolean;
  /** After a write of one's own: settles when its result is there, be it read or pushed. Never rejects. */
  refresh(): Promise<void>;
  stop(): void;
}

const PATHS = {
  creatorDashboard: '/creators/dashboard',
  creatorProfile: '/creators/profile',
  referralDashboard: '/referral/dashboard',
} as const satisfies Record<LiveView, string>;

/** `onChange` is called after each view that came. */
export function follow<V extends LiveView>(
  app: Pick<App, 'client' | 'redraw' | 'fail'>,
  views: readonly V[],
  onChange: () => void = () => undefined,
): Followed<V> {
  let isLive = false;
  const degraded = new Set<LiveView>();
  const reading = (view: V) =>
    createResource(app, async (signal): Promise<Dashboards[V]> => {
      const { data, isDegraded } = await app.client.read(PATHS[view], { signal });
      if (isDegraded) degraded.add(view);
      else degraded.delete(view);
      return data as Dashboards[V];
    });
  const of = Object.fromEntries(views.map((view) => [view, reading(view)])) as Record<V, Resource<Dashboards[V]>>;
  const all: readonly Resource<Dashboards[V]>[] = views.map((view) => of[view]);
  const loadAll = async () => void (await Promise.all(all.map((each) => each.load())));

  void loadAll();
  const leave = app.client.subscribe({
    views,
    onData(view, data) {
      const resource = of[view as unknown as V];
      // What is pushed does not say whether it was repaired.
      if (degraded.has(view)) void resource.load();
      else resource.set(data as unknown as Dashboards[V]);
      onChange();
    },
    onState(now) {
      isLive = now;
      app.redraw();
    },
    // The calls are refused as well, and say why.
    onEnd: () => void loadAll(),
  });
  return {
    of: of as Followed<V>['of'],
    get isLive() {
      return isLive;
    },
    get isDegraded() {
      return degraded.size > 0;
    },
    refresh: loadAll,
    stop() {
      leave();
      all.forEach((each) => each.stop());
    },
  };
}
