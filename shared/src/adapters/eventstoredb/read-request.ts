/** What is asked of the server for a page of a stream, or of the whole log. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Position, Revision, Suffixes } from '../../ports.js';

export type ReadRequest = InstanceType<typeof streams.ReadReq>;
export type Direction = 'forwards' | 'backwards';

const MAX_INT64 = 2n ** 63n - 1n;

/** From a revision on, inclusive; from null: from the end where the direction leads. */
export function streamRequest(name: string, from: Revision | null, direction: Direction, count: number): ReadRequest {
  const of = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(name)),
  );
  if (from !== null) of.setRevision((from > MAX_INT64 ? MAX_INT64 : from).toString());
  else if (direction === 'forwards') of.setStart(new shared.Empty());
  else of.setEnd(new shared.Empty());
  return request(new streams.ReadReq.Options().setStream(of), direction, count);
}

/** From a position on, inclusive forwards and exclusive backwards; `names` leaves out streams whose names it does not match. */
export function logRequest(from: Position | 'end', direction: Direction, count: number, names?: string): ReadRequest {
  const of = new streams.ReadReq.Options.AllOptions();
  if (from === 'end') of.setEnd(new shared.Empty());
  else if (from <= 0n) of.setStart(new shared.Empty());
  else {
    const at = from.toString();
    of.setPosition(new streams.ReadReq.Options.Position().setCommitPosition(at).setPreparePosition(at));
  }
  return request(new streams.ReadReq.Options().setAll(of), direction, count, names);
}

function request(
  options: InstanceType<typeof streams.ReadReq.Options>,
  direction: Direction,
  count: number,
  names?: string,
): ReadRequest {
  options
    .setCount(Math.min(count, Number.MAX_SAFE_INTEGER).toString())
    .setReadDirection(direction === 'forwards' ? 0 : 1)
    .setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty()));
  if (names === undefined) options.setNoFilter(new shared.Empty());
  else options.setFilter(filterOf(names));
  return new streams.ReadReq().setOptions(options);
}

/** The protocol has filters of reads, but the client's own `readAll` sends none. */
function filterOf(names: string) {
  const { Expression } = streams.ReadReq.Options.FilterOptions;
  return new streams.ReadReq.Options.FilterOptions()
    .setStreamIdentifier(new Expression().setRegex(names))
    .setCount(new shared.Empty()) // the server decides how much it looks at in one go
    .setCheckpointintervalmultiplier(1);
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
