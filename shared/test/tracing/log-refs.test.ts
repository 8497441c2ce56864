import { expect } from 'chai';
import { appendOf, correlationIdOf, traceIdOf, traceOf } from '../../src/tracing/log-refs.js';
import { callerOf } from '../../src/tracing/requests.js';
import { metadata } from '../../testing/events.js';

const CORRELATION_ID = '019DDAD3-b200-71f0-94f9-8e50f7a73b19';
const TRACE_ID = '019ddad3b20071f094f98e50f7a73b19';

describe('What spans find each other by', () => {
  it('is, for a trace, the correlation id without dashes', () => {
    expect(traceIdOf(CORRELATION_ID)).to.equal(TRACE_ID);
    expect(correlationIdOf(TRACE_ID)).to.equal(CORRELATION_ID.toLowerCase());
  });

  it('is nothing for what is no id of a trace', () => {
    expect(traceIdOf('00000000-0000-0000-0000-000000000000')).to.equal(undefined);
    expect(traceIdOf('an import of 2025')).to.equal(undefined);
    expect(traceOf({ stream: 'message-1', metadata: {} as never })).to.equal(undefined);
  });

  it('is, for an append, the stream and the command: never changed, or old events would lose their links', () => {
    const own = metadata({ commandId: '6b1c6a52-3a5c-4f7e-8a55-0a4f6f3d2c11', $correlationId: CORRELATION_ID });
    const spanOf = (stream: string, commandId = own.commandId) =>
      appendOf({ stream, metadata: { ...own, commandId } }, TRACE_ID).spanId;
    expect(appendOf({ stream: 'message-1', metadata: own }, TRACE_ID)).to.deep.equal({
      traceId: TRACE_ID,
      spanId: '87db081ada0a7211', // the last 16 digits of the UUID v5 of ["append", command id, stream]
    });
    const others = [spanOf('message-1'), spanOf('message-2'), spanOf('message-1', CORRELATION_ID)];
    expect(new Set(others)).to.have.property('size', 3);
  });

  it('is, for a caller, the header traceparent', () => {
    const caller = (traceparent?: string) => callerOf({ headers: { traceparent } });
    expect(caller(`00-${TRACE_ID}-00f067aa0ba902b7-00`)).to.deep.equal({
      traceId: TRACE_ID,
      spanId: '00f067aa0ba902b7',
    });
    expect(caller(`01-${TRACE_ID}-00f067aa0ba902b7-01-of-a-later-version`)).to.include({ traceId: TRACE_ID });
    for (const unreadable of [
      undefined,
      '',
      'canary',
      `ff-${TRACE_ID}-00f067aa0ba902b7-01`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${TRACE_ID}-0000000000000000-01`,
      `00-${TRACE_ID.toUpperCase()}-00f067aa0ba902b7-01`,
      `00-${TRACE_ID}-00f067aa0ba902b7`,
    ])
      expect(caller(unreadable), unreadable).to.equal(undefined);
  });
});
