/** Ports that stop at a chosen call: for ever, as in a process that dies, or until they are resumed. */
import type { CommandService } from '../../src/runtime/service.js';

/** Which call of a process, counted from 1 over all its ports, and whether before or after its effect. */
export interface CallPoint {
  readonly call: number;
  readonly side: 'before' | 'after';
}

class Crashed extends Error {}

type Ports = Pick<CommandService, 'events' | 'reads' | 'counters' | 'providers'>;
type Around = (call: () => Promise<unknown>) => Promise<unknown>;

/** Calls that change something outside the process. Where a process dies between two of them makes no difference. */
const CHANGES = new Set(['append', 'addMember', 'removeMember', 'review']);

/** Ports of a process that dies at change number `place.call`: that call and all later ones reject, and nothing more is written. */
export function crashingAt(ports: Ports, place: CallPoint): { ports: Ports; crashed: () => boolean } {
  let changes = 0;
  let dead = false;
  const around: Around = async (call) => {
    changes += 1;
    if (dead || (changes === place.call && place.side === 'before')) {
      dead = true;
      throw new Crashed();
    }
    const result = await call();
    if (changes < place.call) return result;
    dead = true;
    throw new Crashed();
  };
  return { ports: wrapped(ports, around, (name) => dead || CHANGES.has(name)), crashed: () => dead };
}

/** Ports of a process that pauses at call number `place.call`, reads included, until it is resumed. */
export function pausingAt(ports: Ports, place: CallPoint): { ports: Ports; paused: Promise<void>; resume: () => void } {
  let calls = 0;
  const [reached, reach] = gate();
  const [resumed, resume] = gate();
  const stand = () => {
    reach();
    return resumed;
  };
  const around: Around = async (call) => {
    calls += 1;
    const here = calls === place.call;
    if (here && place.side === 'before') await stand();
    const result = await call();
    if (here && place.side === 'after') await stand();
    return result;
  };
  return { ports: wrapped(ports, around), paused: reached, resume };
}

/** A promise and the function that resolves it. */
export function gate(): [opened: Promise<void>, open: () => void] {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return [opened, open];
}

function wrapped(
  { events, reads, counters, providers }: Ports,
  around: Around,
  which = (_name: string) => true,
): Ports {
  return {
    events: intercepted(events, around, which),
    reads: intercepted(reads, around, which),
    counters: intercepted(counters, around, which),
    providers: { ...providers, moderation: intercepted(providers.moderation, around, which) },
  };
}

/** Every method of these ports that a send calls returns a promise. */
function intercepted<T extends object>(port: T, around: Around, which: (name: string) => boolean): T {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      return (...args: unknown[]) => {
        const call = () => Reflect.apply(method, target, args) as Promise<unknown>;
        return which(name) ? around(call) : call();
      };
    },
  });
}
