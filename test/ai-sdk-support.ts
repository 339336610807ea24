import assert from 'node:assert/strict';
import { experimental_generateSpeech as speakV5, experimental_transcribe as transcribeV5 } from 'ai-v5';
import { experimental_generateSpeech as speakV6, experimental_transcribe as transcribeV6 } from 'ai-v6';
import { APICallError, generateSpeech as speakV7, transcribe as transcribeV7 } from 'ai-v7';
import { createElevenLabs as createElevenLabsV2 } from 'ai-elevenlabs-v2';
import { createElevenLabs as createElevenLabsV3 } from 'ai-elevenlabs-v3';
import { createOpenAI as createOpenAIV2 } from 'ai-openai-v2';
import { createOpenAI as createOpenAIV3 } from 'ai-openai-v3';
import { createOpenAI as createOpenAIV4 } from 'ai-openai-v4';
import { hearingEngine, type HearingEngine, type HearingEngineOptions } from './hearing-engine.ts';
import { listening, type TestAppOptions } from './support.ts';

/** A request as it left the client. */
export interface SentRequest {
  readonly url: URL;
  readonly body: unknown;
}

/** Where a client is pointed to, and what it sends on the way. */
export interface Line {
  readonly apiKey: string;
  readonly origin: string;
  readonly sent: SentRequest[];
}

export interface HearCall {
  readonly model: string;
  readonly audio: Uint8Array;
  readonly options?: Readonly<Record<string, OptionValue>>;
  readonly maxRetries?: number;
  readonly abortSignal?: AbortSignal;
}

export interface SpeakCall {
  readonly model: string;
  readonly text: string;
  readonly voice?: string;
  readonly outputFormat?: string;
  readonly instructions?: string;
  readonly speed?: number;
  readonly language?: string;
  readonly options?: Readonly<Record<string, OptionValue>>;
  readonly maxRetries?: number;
  readonly abortSignal?: AbortSignal;
}

type OptionValue = string | number | boolean | OptionValue[] | { [key: string]: OptionValue };

interface Answer {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}

interface Timed {
  readonly text: string;
  readonly startSecond: number;
  readonly endSecond: number;
}

/** What these tests read of an answer; the generations agree on it. */
export interface Heard {
  readonly text: string;
  readonly segments: readonly Timed[];
  /** Only the newest generation has them beside the segments. */
  readonly words?: readonly Timed[] | undefined;
  readonly language: string | undefined;
  readonly durationInSeconds: number | undefined;
  readonly warnings: readonly object[];
  readonly responses: readonly Answer[];
  readonly providerMetadata: Readonly<Record<string, unknown>>;
}

export interface Spoken {
  readonly audio: { readonly uint8Array: Uint8Array; readonly mediaType: string; readonly format: string };
  readonly warnings: readonly object[];
  readonly responses: readonly Answer[];
}

/** One generation of the AI SDK with its provider package. */
export interface AiSdk {
  readonly name: string;
  readonly generation: 5 | 6 | 7;
  readonly transcribe: (line: Line, call: HearCall) => Promise<Heard>;
  readonly speak: (line: Line, call: SpeakCall) => Promise<Spoken>;
}

// Warnings are asserted where they matter; on the console they would only be noise.
globalThis.AI_SDK_LOG_WARNINGS = false;

/** What every generation is told alike; what is left out stays out. */
function common<Call extends HearCall | SpeakCall>(provider: string, call: Call) {
  const { model: _, options, ...rest } = call;
  return { maxRetries: 0, ...rest, ...(options ? { providerOptions: { [provider]: { ...options } } } : {}) };
}

function openaiOptions(line: Line) {
  return { apiKey: line.apiKey, baseURL: `${line.origin}/v1`, fetch: recordingFetch(line) };
}

/** The generations of the AI SDK through their OpenAI provider. */
export const openaiSdks: readonly AiSdk[] = [
  {
    name: 'AI SDK 5',
    generation: 5,
    transcribe: (line, call) =>
      transcribeV5({
        model: createOpenAIV2(openaiOptions(line)).transcription(call.model),
        ...common('openai', call),
      }),
    speak: (line, call) =>
      speakV5({ model: createOpenAIV2(openaiOptions(line)).speech(call.model), ...common('openai', call) }),
  },
  {
    name: 'AI SDK 6',
    generation: 6,
    transcribe: (line, call) =>
      transcribeV6({
        model: createOpenAIV3(openaiOptions(line)).transcription(call.model),
        ...common('openai', call),
      }),
    speak: (line, call) =>
      speakV6({ model: createOpenAIV3(openaiOptions(line)).speech(call.model), ...common('openai', call) }),
  },
  {
    name: 'AI SDK 7',
    generation: 7,
    transcribe: (line, call) =>
      transcribeV7({
        model: createOpenAIV4(openaiOptions(line)).transcription(call.model),
        ...common('openai', call),
      }),
    speak: (line, call) =>
      speakV7({ model: createOpenAIV4(openaiOptions(line)).speech(call.model), ...common('openai', call) }),
  },
];

/** This provider knows one host only and is led elsewhere by its `fetch`. */
const ELEVENLABS_HOST = 'https://api.elevenlabs.io';

function elevenlabsOptions(line: Line) {
  return { apiKey: line.apiKey, fetch: recordingFetch(line) };
}

/** The generations of the AI SDK through their ElevenLabs provider; there is none of these versions for AI SDK 5. */
export const elevenlabsSdks: readonly AiSdk[] = [
  {
    name: 'AI SDK 6',
    generation: 6,
    transcribe: (line, call) =>
      transcribeV6({
        model: createElevenLabsV2(elevenlabsOptions(line)).transcription(call.model),
        ...common('elevenlabs', call),
      }),
    speak: (line, call) =>
      speakV6({
        model: createElevenLabsV2(elevenlabsOptions(line)).speech(call.model),
        ...common('elevenlabs', call),
      }),
  },
  {
    name: 'AI SDK 7',
    generation: 7,
    transcribe: (line, call) =>
      transcribeV7({
        model: createElevenLabsV3(elevenlabsOptions(line)).transcription(call.model),
        ...common('elevenlabs', call),
      }),
    speak: (line, call) =>
      speakV7({
        model: createElevenLabsV3(elevenlabsOptions(line)).speech(call.model),
        ...common('elevenlabs', call),
      }),
  },
];

function recordingFetch({ origin, sent }: Line): typeof fetch {
  return (input, init) => {
    const url = new URL(
      (input instanceof Request ? input.url : String(input)).replace(ELEVENLABS_HOST, origin),
    );
    if (url.origin !== origin) throw new Error(`The client calls ${url.origin}.`);
    sent.push({ url, body: init?.body });
    return fetch(url, init);
  };
}

/** A client of one generation; a call says only what is not as usual. */
export interface Caller {
  readonly hear: (call?: Partial<HearCall>) => Promise<Heard>;
  readonly speak: (call?: Partial<SpeakCall>) => Promise<Spoken>;
  readonly line: Line;
}

type Using<Lent> = (caller: Lent) => Promise<void>;

/** Ways to lend a client and a server, for tests with these calls in mind. */
export function clientsWith(usual: { readonly hear: HearCall; readonly speak: SpeakCall }) {
  /** One generation against a server of the given parts. */
  const calling = (
    sdk: AiSdk,
    { apiKey = 'any', ...options }: TestAppOptions & { readonly apiKey?: string },
    use: Using<Caller>,
  ): Promise<void> =>
    listening(options, ({ origin }) => {
      const line: Line = { apiKey, origin, sent: [] };
      return use({
        line,
        hear: (call = {}) => sdk.transcribe(line, { ...usual.hear, ...call }),
        speak: (call = {}) => sdk.speak(line, { ...usual.speak, ...call }),
      });
    });
  /** One generation against a server that hears, and gives everything back that it takes. */
  const withEars = async (
    sdk: AiSdk,
    use: Using<Caller & { readonly engine: HearingEngine }>,
    options: HearingEngineOptions = {},
  ): Promise<void> => {
    const engine = hearingEngine(options);
    await calling(sdk, { engines: [engine] }, async (caller) => {
      await use({ ...caller, engine });
      assert.equal(engine.open(), 0, 'a model was not given back');
    });
  };
  return { calling, withEars };
}

/** The fields of the form that was sent last, in their order; a file is its name. */
export function lastForm({ sent }: Line): readonly (readonly [name: string, value: string])[] {
  const body = sent.at(-1)?.body;
  if (!(body instanceof FormData)) throw new TypeError('No form was sent.');
  return [...body].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
}

/** The error that the server's answer became. Throws when the call succeeded or failed otherwise. */
export async function apiError(call: Promise<unknown>): Promise<APICallError> {
  const error = await call.then(
    () => new Error('It was accepted.'),
    (thrown: unknown) => thrown,
  );
  if (APICallError.isInstance(error)) return error;
  throw error;
}

/** The name of the error that a call fails with. */
export async function thrownName(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'It was accepted.',
    (thrown: unknown) => (thrown instanceof Error ? thrown.name : String(thrown)),
  );
}

/** The JSON that was sent last. */
export function lastJson({ sent }: Line): unknown {
  const body = sent.at(-1)?.body;
  if (typeof body !== 'string') throw new TypeError('No JSON was sent.');
  return JSON.parse(body);
}
