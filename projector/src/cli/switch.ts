/** projector switch <view>: lets a held rebuild through the gate. */
import { letThrough } from '../operate/rebuilds.js';
import type { Io } from './command.js';
import { decidedAndDone, type RebuildOptions } from './rebuild.js';

export interface SwitchOptions extends RebuildOptions {
  readonly accept?: string;
  readonly expect?: readonly string[];
}

/** The gate is asked once more, and refuses what is in neither. */
export async function switchView(io: Io, name: string, options: SwitchOptions): Promise<boolean> {
  return decidedAndDone(io, name, options, (ports, view, operator) => letThrough(ports, view, operator, options));
}
