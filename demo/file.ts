import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Person {
  readonly userId: string;
  readonly creatorId: string | null;
}

/**
 * Who is in the demonstration: the creator of the documented sample, a fresh one, a PLATINUM one, one whose wallet is frozen, one
 * whose dashboard waits for repair, one who was erased; a fan, a referrer, staff.
 */
export interface People {
  readonly creator: Person;
  readonly fresh: Person;
  readonly platinum: Person;
  readonly frozen: Person;
  readonly degraded: Person;
  readonly erased: Person;
  readonly fan: Person;
  readonly referrer: Person;
  readonly admin: Person;
  readonly auditor: Person;
}

/**
 * `began`: when the story begins, in milliseconds since the epoch; a repeated run begins there again. `url`: the system's last
 * address.
 */
export type DemoState =
  { readonly complete: false; readonly began: number } | ({ readonly complete: true; readonly url?: string } & People);

export interface DemoFile {
  readonly path: string;
  read(): DemoState | null;
  write(state: object): void;
}

/** `demo.json` in the data folder: tells a later start, and scripts, which users were created and how to act as them. */
export function demoFile(dataDir: string): DemoFile {
  const path = join(dataDir, 'demo.json');
  return {
    path,
    read() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as DemoState;
      } catch {
        return null;
      }
    },
    write: (state) => writeFileSync(path, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 }),
  };
}
