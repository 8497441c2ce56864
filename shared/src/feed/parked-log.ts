import type { Log } from '../process/log.js';
import type { ParkedEvent } from './documents.js';

/** One line for each key that a consumer parks: which event broke it, where that stands, and why. */
export function warnOfParked(log: Pick<Log, 'warn'>, consumer: string): (parked: ParkedEvent) => void {
  return ({ position, ...parked }) =>
    log.warn(
      { consumer, position: position.toString(), ...parked },
      'an event could not be applied; its key is parked, later events of it are held',
    );
}
