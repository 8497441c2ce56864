/** Ports of a process that dies at a chosen write: that call and all later ones reject, and nothing more happens. */

/** Which write of the process, counted from 1 over all its ports, and whether it dies before or after its effect. */
export interface Death {
  readonly write: number;
  readonly side: 'before' | 'after';
}

export class Died extends Error {}

export interface Dying {
  /** The port as this process has it. Every method that it calls returns a promise. */
  port<T extends object>(real: T): T;
  isDead(): boolean;
}

/** Where a process dies between two writes makes no difference to others. */
const WRITES = new Set(['write', 'declare', 'drop', 'deleteUpTo', 'append']);

/** `meanwhile` is what the others do: called before each call of the process, reads included, with the method and its first argument. */
export function dyingAt(
  death: Death,
  meanwhile: (method: string, first: unknown) => Promise<void> = async () => undefined,
): Dying {
  let writes = 0;
  let dead = false;

  async function around(name: string, first: unknown, call: () => Promise<unknown>): Promise<unknown> {
    if (dead) throw new Died();
    await meanwhile(name, first);
    if (!WRITES.has(name)) return call();
    writes += 1;
    const isHere = writes === death.write;
    dead = isHere;
    if (isHere && death.side === 'before') throw new Died();
    const result = await call();
    if (isHere) throw new Died();
    return result;
  }

  return {
    port: <T extends object>(real: T) =>
      new Proxy(real, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function' || typeof name !== 'string') return method;
          return (...args: unknown[]) =>
            around(name, args[0], () => Reflect.apply(method, target, args) as Promise<unknown>);
        },
      }),
    isDead: () => dead,
  };
}
