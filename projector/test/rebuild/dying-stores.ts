/**
 * The stores of a worker process that dies at a write: SIGKILL to its projector and to itself, as where a machine is lost. Which write
 * says DIES_AT.
 */
import { openReads as openReal } from '@creator-dashboards/shared/process/connect';
import type { ReadStore } from '@creator-dashboards/shared/ports';

export { openEvents, openTracer } from '@creator-dashboards/shared/process/connect';

/** The first write to this collection whose documents have this text as JSON. */
export interface DiesAt {
  readonly collection: string;
  readonly text: string;
  readonly side: 'before' | 'after';
}

const { collection: where, text, side } = JSON.parse(process.env.DIES_AT ?? '{}') as DiesAt;

export async function openReads(...given: Parameters<typeof openReal>): Promise<ReadStore> {
  const reads = await openReal(...given);
  const write: ReadStore['write'] = async (collection, writes) => {
    const json = JSON.stringify(writes, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    const isHere = collection === where && json.includes(text);
    if (isHere && side === 'before') die();
    const written = await reads.write(collection, writes);
    if (isHere) die();
    return written;
  };
  return { ...reads, write };
}

function die(): never {
  process.kill(process.ppid, 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
  throw new Error('it is dead');
}
