import * as fc from 'fast-check';
import { WebSocket } from 'ws';
import type { Address } from './torture-asking.ts';
import { SILENCE_MS } from './torture-asking.ts';
import { outlineOf, type Operation } from './torture-operations.ts';
import { seedOf } from './torture-routes.ts';
import type { Tally } from './torture-report.ts';
import { fragment, ODD_TEXTS, valid, withFragment } from './torture-values.ts';

/** What a client says; `rest` is how long it keeps silent before, in milliseconds. */
interface Said {
  readonly data: string | Buffer;
  readonly rest: 0 | 5;
}

/** A whole conversation. */
interface Conversation {
  readonly query: string;
  readonly isNobody: boolean;
  readonly said: readonly Said[];
  /** How the client leaves. */
  readonly end: 'close' | 'terminate' | 'wait' | 'odd code';
}

/** Messages that mean something on each kind of socket; the schema of none of them is part of a document. */
function messagesOf(template: string): readonly object[] {
  const sound = Buffer.alloc(3_200, 7).toString('base64');
  if (template.includes('stream-input'))
    return [
      {
        text: ' ',
        voice_settings: { stability: 0.5, speed: 1 },
        generation_config: { chunk_length_schedule: [50, 120] },
      },
      { text: 'Hello there. ', flush: true, context_id: 'a' },
      { text: 'And on. ', try_trigger_generation: true, context_id: 'b' },
      { context_id: 'a', close_context: true },
      { text: '', context_id: 'b' },
      { close_socket: true },
      { text: '' },
      { xi_api_key: 'x', text: ' ' },
    ];
  if (template.includes('speech-to-text'))
    return [
      { message_type: 'input_audio_chunk', audio_base_64: sound, commit: false, sample_rate: 16_000 },
      { message_type: 'input_audio_chunk', audio_base_64: sound, commit: true, previous_text: 'a' },
      { message_type: 'input_audio_chunk', audio_base_64: '', commit: true },
    ];
  if (template.includes('realtime'))
    return [
      {
        type: 'session.update',
        session: {
          type: 'transcription',
          audio: {
            input: {
              format: { type: 'audio/pcm', rate: 24_000 },
              transcription: { model: 'whisper-1', language: 'en' },
              turn_detection: { type: 'server_vad', threshold: 0.5, silence_duration_ms: 200 },
              noise_reduction: { type: 'near_field' },
            },
          },
        },
      },
      {
        type: 'transcription_session.update',
        session: { input_audio_format: 'pcm16', input_audio_transcription: { model: 'whisper-1' } },
      },
      { type: 'input_audio_buffer.append', audio: sound },
      { type: 'input_audio_buffer.commit' },
      { type: 'input_audio_buffer.clear' },
      { type: 'response.create' },
      { type: 'conversation.item.create', item: {} },
    ];
  return [
    { token: '~key~', model: 'higgs2p5' },
    { text: 'Hello there.', voice: 'Linda', sampling: { temperature: 0.7 } },
    { text: 'Again.', voice_settings: { speed: 1.1 }, language: 'en' },
    { type: 'cancel' },
  ];
}

function saidOn(template: string, key: string): fc.Arbitrary<Said> {
  const good = fc
    .constantFrom(...messagesOf(template))
    .map((message) => JSON.stringify(message).replace('~key~', key));
  const data = fc.oneof(
    { weight: 6, arbitrary: good },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom(...messagesOf(template)), fc.nat(50), fragment)
        .map(([message, which, piece]) => withFragment(message, which, piece).replace('~key~', key)),
    },
    { weight: 1, arbitrary: fragment },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_TEXTS) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(300_000, 1_100_000)
        .map((length) => JSON.stringify({ text: 'a'.repeat(length) })),
    },
    { weight: 1, arbitrary: fc.tuple(good, fc.nat(30)).map(([text, at]) => text.slice(0, at)) },
  );
  return fc.record({ data, rest: fc.constantFrom(0 as const, 0 as const, 5 as const) });
}

function conversationsOn({ parameters, template }: Operation, key: string): fc.Arbitrary<Conversation> {
  const own = parameters.filter((one) => one.in === 'query');
  const pair =
    own.length === 0
      ? fc.constant('')
      : fc
          .constantFrom(...own)
          .chain(({ name, schema = {} }) =>
            fc
              .oneof(
                { weight: 5, arbitrary: valid(schema, name).map(String) },
                { weight: 1, arbitrary: fc.constantFrom(...ODD_TEXTS) },
              )
              .map((value) => `${name}=${encodeURIComponent(value.toWellFormed())}`),
          );
  return fc.record({
    query: fc
      .array(pair, { maxLength: 2 })
      .map((pairs) => pairs.filter((one) => !one.startsWith('inactivity_timeout=')).join('&')),
    isNobody: fc.oneof(
      { weight: 9, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
    said: fc.array(saidOn(template, key), { maxLength: 8 }),
    end: fc.constantFrom('close', 'close', 'terminate', 'wait', 'odd code'),
  });
}

/** What is done on the sockets. */
export interface SocketCampaign {
  readonly operations: readonly Operation[];
  readonly address: Address;
  readonly seed: number;
  readonly conversations: number;
  readonly deadline: number;
  readonly tally: Tally;
}

/** Holds conversations of all kinds on every WebSocket. */
export async function tortureSockets({
  operations,
  address,
  seed,
  conversations,
  deadline,
  tally,
}: SocketCampaign): Promise<void> {
  const sockets = operations.filter(({ isSocket }) => isSocket);
  await Promise.all(
    sockets.map(async (operation) => {
      let found: string | undefined;
      let last = '';
      const one = async (conversation: Conversation) => {
        const faults = await converse(operation, conversation, { address, tally });
        const finding = faults.map((fault) => ({
          route: operation.name,
          fault,
          seed,
          curl: toldOf(operation, conversation),
        }))[0];
        if (!finding || tally.knows(finding)) return;
        [found, last] = [finding.fault, finding.curl];
        throw new Error(finding.fault);
      };
      await fc.check(fc.asyncProperty(conversationsOn(operation, address.key), one), {
        seed: seedOf(operation.name, seed),
        numRuns: Math.max(1, Math.ceil(conversations / sockets.length)),
        interruptAfterTimeLimit: Math.max(1, deadline - Date.now()),
        markInterruptAsFailure: false,
      });
      if (found !== undefined) tally.report({ route: operation.name, fault: found, seed, curl: last });
    }),
  );
}

function toldOf({ template }: Operation, { query, said, end }: Conversation): string {
  const messages = said.map(({ data }) =>
    typeof data === 'string' ? data.slice(0, 500) : `bytes ${data.toString('base64').slice(0, 200)}`,
  );
  return `socket ${template}?${query} says ${JSON.stringify(messages)} and ends with ${end}`;
}

/** Codes with which a server may close: all but those that say that it broke, or that it vanished. */
const BROKEN: readonly number[] = [1006, 1011, 1015];

/** How long a client listens that does not leave at once. */
const LINGER_MS = 300;

interface Listening {
  readonly address: Address;
  readonly tally: Tally;
}

async function converse(
  operation: Operation,
  { query, isNobody, said, end }: Conversation,
  { address, tally }: Listening,
): Promise<string[]> {
  const { parameters, template, ownMount, name, vendor } = operation;
  const path = template.replace(/\{(\w+)\}/g, (_, part: string) =>
    String(parameters.find((one) => one.name === part)?.example ?? 'a'),
  );
  const begun = performance.now();
  const headers = isNobody ? {} : { authorization: `Bearer ${address.key}`, 'xi-api-key': address.key };
  const socket = new WebSocket(`${address.origin.replace('http', 'ws')}${ownMount}${path}?${query}`, {
    headers,
  });
  const faults: string[] = [];
  const ended = Promise.withResolvers<void>();
  let status = 101;
  let pongs = 0;
  let hasLeft = false;
  const silence = setTimeout(() => {
    faults.push(pongs === 0 ? 'no sign of life on the socket for too long' : 'the socket does not close');
    socket.terminate();
  }, SILENCE_MS);
  socket.on('error', () => undefined);
  socket.on('unexpected-response', (_, response) => {
    status = response.statusCode ?? 0;
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      faults.push(...handshakeFaults(status, Buffer.concat(chunks).toString(), vendor));
      ended.resolve();
    });
  });
  socket.on('message', (data: Buffer, isBinary) => {
    silence.refresh();
    if (!isBinary) faults.push(...messageFaults(data.toString()));
  });
  socket.on('pong', () => {
    pongs += 1;
    silence.refresh();
    if (end === 'close') socket.close(1000);
    else if (end === 'odd code') socket.close(4_321, 'x'.repeat(120));
    else if (end === 'terminate') socket.terminate();
    else setTimeout(() => socket.close(1001), LINGER_MS);
    hasLeft = true;
  });
  socket.on('close', (code) => {
    if (!hasLeft && status === 101 && BROKEN.includes(code))
      faults.push(`the server closed the socket with ${code}`);
    ended.resolve();
  });
  socket.on('open', async () => {
    for (const { data, rest } of said) {
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    }
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  });
  await ended.promise;
  clearTimeout(silence);
  tally.count(name, { status, ms: performance.now() - begun });
  return faults;
}

function handshakeFaults(status: number, body: string, vendor: Operation['vendor']): string[] {
  if (status >= 500 && status !== 503) return [`the handshake ended with ${status}: ${body.slice(0, 200)}`];
  try {
    return vendor.outlines.has(outlineOf(JSON.parse(body)))
      ? []
      : [`a handshake was refused in a foreign envelope: ${body.slice(0, 200)}`];
  } catch {
    return [`a handshake was refused without JSON: ${body.slice(0, 200)}`];
  }
}

function messageFaults(text: string): string[] {
  try {
    const message: unknown = JSON.parse(text);
    const isBroken = /internal_error|Something went wrong on our side|engine_failed/.test(text);
    if (typeof message !== 'object' || message === null)
      return [`a message is no object: ${text.slice(0, 200)}`];
    return isBroken ? [`a message tells of a fault inside: ${text.slice(0, 300)}`] : [];
  } catch {
    return [`a message is no JSON: ${text.slice(0, 200)}`];
  }
}
