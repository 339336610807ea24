import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTraceparent, writeTraceparent } from '../../src/platform/telemetry/traceparent.ts';
import { present } from '../../src/base/assert.ts';
import { CUSTOM_VOICE, withRemote } from '../media-remotes.ts';
import { toneEngine } from '../tone-engine.ts';
import {
  startTraceReceiver,
  withEnvironment,
  type ReceivedSpan,
  type TraceReceiver,
} from './trace-receiver.ts';
import { json, withWatchedServer } from './watched-server.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;
const REMOTE_SPEECH = { model: 'qwen3-tts', voice: 'Vivian', input: 'Far away.', response_format: 'pcm' };
const SPEECH = { model: 'tts-1', voice: 'alloy', input: 'Every word counts.', response_format: 'pcm' };

/** Where traces go, and the variables that say so. */
async function withReceiver(
  use: (receiver: TraceReceiver, environment: Readonly<Record<string, string>>) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const receiver = await startTraceReceiver();
  try {
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin, ...more };
    await withEnvironment(variables, (environment) => use(receiver, environment));
  } finally {
    await receiver.stop();
  }
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  return present(
    spans.find((span) => span.name === name),
    `a span called ${name} among ${spans.map((span) => span.name).join(', ')}`,
  );
}

test('a speech through a remote engine is one trace from the caller to that engine', () =>
  withReceiver(async (receiver, environment) => {
    await withRemote('vllm-omni-speech', CUSTOM_VOICE, async ({ fake, engine }) => {
      await withWatchedServer({ engines: [engine], environment }, async ({ origin, lines }) => {
        const response = await fetch(
          `${origin}/v1/audio/speech`,
          json(REMOTE_SPEECH, { traceparent: TRACEPARENT }),
        );
        assert.equal(response.status, 200, await response.clone().text());
        await response.arrayBuffer();
        const [line] = await lines(1);
        assert.equal(line?.['traceId'], TRACE, 'the log says which trace it was');
      });
      const request = named(receiver.spans, 'POST /v1/audio/speech');
      const waiting = named(receiver.spans, 'wait for engine');
      const work = named(receiver.spans, 'engine');
      assert.equal(receiver.spans.length, 3);
      assert.deepEqual(
        receiver.spans.map((span) => span.traceId),
        [TRACE, TRACE, TRACE],
      );
      assert.equal(request.parentSpanId, CALLER);
      assert.equal(waiting.parentSpanId, request.spanId);
      assert.equal(work.parentSpanId, request.spanId);
      assert.equal(fake.last().headers['traceparent'], `00-${TRACE}-${work.spanId}-01`);
      assert.deepEqual(
        work.events.map((event) => event.name),
        ['first sound'],
      );
      assert.equal(work.attributes['antiphon.engine'], 'qwen-cv');
      assert.equal(request.kind, 2, 'it is the server’s side');
      assert.equal(request.attributes['http.route'], '/v1/audio/speech');
      assert.equal(request.attributes['http.response.status_code'], 200);
      assert.equal(request.attributes['antiphon.model'], 'qwen3-tts');
      assert.equal(request.attributes['antiphon.servedBy'], 'qwen-cv/qwen3-tts');
      // Each span has a clock of its own, set by that of the machine to the millisecond.
      assert.ok(BigInt(work.startTimeUnixNano) + 2_000_000n >= BigInt(waiting.endTimeUnixNano));
      assert.ok(BigInt(work.endTimeUnixNano) <= BigInt(request.endTimeUnixNano) + 2_000_000n);
      assert.doesNotMatch(JSON.stringify(receiver.spans), /Far away/, 'what was said is in no trace');
    });
  }));

test('a job has a trace of its own that names the request which ordered it, and the request that it answers is in it', () =>
  withReceiver(async (receiver, environment) => {
    await withWatchedServer({ environment }, async ({ origin, core, lines }) => {
      const headers = { prefer: 'respond-async', traceparent: TRACEPARENT };
      const submitted = await fetch(`${origin}/v1/audio/speech`, json(SPEECH, headers));
      const { id } = (await submitted.json()) as { id: string }; // A view of a job has its id.
      for await (const job of core.jobs.watch(id, 'anonymous', AbortSignal.timeout(20_000))) {
        if (job.state === 'succeeded') break;
      }
      await lines(2);
    });
    const job = named(receiver.spans, 'job request');
    const order = present(
      receiver.spans.find((span) => span.traceId === TRACE),
      'the request that ordered it',
    );
    assert.equal(order.name, 'POST /v1/audio/speech');
    assert.notEqual(job.traceId, TRACE);
    assert.deepEqual(job.links, [{ traceId: TRACE, spanId: order.spanId }]);
    assert.equal(job.kind, 5, 'it is the side that takes work from a queue');
    const replay = present(
      receiver.spans.find((span) => span.parentSpanId === job.spanId),
      'the request that the job answers',
    );
    assert.equal(replay.name, 'POST /openai/v1/audio/speech');
    const work = named(receiver.spans, 'engine');
    assert.deepEqual([work.traceId, work.parentSpanId], [job.traceId, replay.spanId]);
  }));

test('a request that fails on our side, and the engine that broke, are marked as failed with the code', () =>
  withReceiver(async (receiver, environment) => {
    const engines = [toneEngine({ failAfterChunks: 0 })];
    await withWatchedServer({ engines, environment }, async ({ origin, lines }) => {
      const response = await fetch(`${origin}/v1/audio/speech`, json(SPEECH));
      assert.equal(response.status, 502);
      await response.text();
      await lines(1);
    });
    for (const name of ['POST /v1/audio/speech', 'engine']) {
      const { status, attributes } = named(receiver.spans, name);
      assert.equal(status.code, 2, name);
      assert.equal(attributes['error.type'], 'engine_failed', name);
    }
  }));

test('the variables of OpenTelemetry name the service, the headers and what is sampled', () =>
  withReceiver(
    async (receiver, environment) => {
      await withWatchedServer({ environment }, async ({ origin, lines }) => {
        for (const flags of ['00', '01']) {
          const headers = { traceparent: `00-${TRACE}-${CALLER}-${flags}` };
          await (await fetch(`${origin}/v1/models`, { headers })).text();
        }
        await (await fetch(`${origin}/v1/models`)).text();
        await lines(3);
      });
      assert.equal(receiver.spans.length, 1, 'only what the caller follows');
      assert.equal(receiver.spans[0]?.service, 'speech-of-team-a');
      assert.equal(receiver.headers[0]?.['x-team'], 'a');
      assert.equal(receiver.headers[0]?.['path'], '/v1/traces');
      assert.equal(receiver.headers[0]?.['content-type'], 'application/json');
    },
    {
      OTEL_SERVICE_NAME: 'speech-of-team-a',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a',
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    },
  ));

test('a receiver that refuses is no harm to requests, and the log says that nothing arrived', () =>
  withReceiver(async (receiver, environment) => {
    receiver.fail(400);
    let problems: readonly unknown[] = [];
    await withWatchedServer({ environment }, async ({ origin, lines, log, telemetry }) => {
      assert.equal((await fetch(`${origin}/v1/models`)).status, 200);
      await lines(1);
      await telemetry.stop();
      problems = log.entries.filter(({ level }) => level === 'warn').map(({ event }) => event);
    });
    assert.equal(receiver.headers.length, 1);
    assert.deepEqual(problems, ['traces-not-sent']);
  }));

test('where no traces are wanted, what a caller follows is passed on to the engine as it came', async () => {
  for (const environment of [
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' },
  ]) {
    await withRemote('vllm-omni-speech', CUSTOM_VOICE, async ({ fake, engine }) => {
      await withWatchedServer({ engines: [engine], environment }, async ({ origin, lines }) => {
        const asked = [{ traceparent: TRACEPARENT }, { traceparent: 'made-up' }, {}];
        const passed: (string | undefined)[] = [];
        for (const headers of asked) {
          await (await fetch(`${origin}/v1/audio/speech`, json(REMOTE_SPEECH, { ...headers }))).arrayBuffer();
          passed.push(fake.last().headers['traceparent']);
        }
        assert.deepEqual(passed, [TRACEPARENT, undefined, undefined]);
        await lines(3);
      });
    });
  }
});

test('the header is read as the recommendation has it, and what is not well-formed is as if it had not come', () => {
  const good: readonly (readonly [string, number])[] = [
    [TRACEPARENT, 1],
    [`00-${TRACE}-${CALLER}-00`, 0],
    [`  ${TRACEPARENT} `, 1],
    [`01-${TRACE}-${CALLER}-03-and-more`, 3],
  ];
  for (const [header, flags] of good) {
    assert.deepEqual(readTraceparent(header), { traceId: TRACE, spanId: CALLER, flags });
  }
  const bad = [
    undefined,
    '',
    `ff-${TRACE}-${CALLER}-01`,
    `00-${TRACE}-${CALLER}-01-more`,
    `00-${TRACE.toUpperCase()}-${CALLER}-01`,
    `00-${'0'.repeat(32)}-${CALLER}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${CALLER}`,
    `00-${TRACE}-${CALLER}-0g`,
  ];
  for (const header of bad) assert.equal(readTraceparent(header), undefined, String(header));
  assert.equal(writeTraceparent({ traceId: TRACE, spanId: CALLER, flags: 3 }), TRACEPARENT);
});
