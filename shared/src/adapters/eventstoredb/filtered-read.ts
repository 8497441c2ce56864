/**
 * Reads of the whole log of which the server sends only some streams. The protocol has them (`ReadReq.Options.filter`); the client's
 * `readAll` ignores a filter. So its request is given one on its way out, and all else stays the client's.
 */
import type { EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Suffixes } from '../../ports.js';

type Read = (request: InstanceType<typeof streams.ReadReq>, ...more: unknown[]) => unknown;
type CreateStream = (service: unknown, name: string, call: (service: { read: Read }) => unknown) => unknown;

/** The client, with a `readAll` of streams whose names match. */
export function readingOnly(client: EventStoreDBClient, names: string): Pick<EventStoreDBClient, 'readAll'> {
  const { GRPCStreamCreator: create } = client as unknown as { GRPCStreamCreator: CreateStream }; // protected there
  const filtered: CreateStream = (service, name, call) =>
    create(service, name, (opened) => {
      const read: Read = (request, ...more) => opened.read(withFilter(request, names), ...more);
      return call({ read });
    });
  return Object.create(client, { GRPCStreamCreator: { value: filtered } }) as EventStoreDBClient;
}

function withFilter(request: Parameters<Read>[0], names: string): Parameters<Read>[0] {
  const { Expression } = streams.ReadReq.Options.FilterOptions;
  const filter = new streams.ReadReq.Options.FilterOptions()
    .setStreamIdentifier(new Expression().setRegex(names))
    .setCount(new shared.Empty()) // the server decides how much it looks at in one go
    .setCheckpointintervalmultiplier(1);
  request.getOptions()?.setFilter(filter);
  return request;
}

const HEX = '0123456789abcdef';

/**
 * Matches names that end in two hex digits of this range, and all that end in no two hex digits. No flag and nothing that engines
 * take differently, but for "$", which elsewhere also stands before a last line break: then it matches too much.
 */
export function namesOf({ from, to }: Suffixes): string {
  const within = (n: number, first: number) => Math.min(16, Math.max(0, n - first));
  const asked = [...HEX].flatMap((digit, n) => {
    const last = HEX.slice(within(from, 16 * n), within(to, 16 * n));
    return last === '' ? [] : `${digit}[${last}]$`;
  });
  return [...asked, '[^0-9a-f]$', '[^0-9a-f][0-9a-f]$', '^.$'].join('|');
}
