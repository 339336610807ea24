import assert from 'node:assert/strict';
import type { Dialect } from '../../src/dialects/dialect.ts';
import {
  ONLY_EXAMPLE,
  type BodyDocs,
  type DialectDocs,
  type FileKind,
  type OperationDocs,
  type RecordedAnswer,
} from '../../src/dialects/operation-docs.ts';
import { ownMount } from '../../src/reference/route-collection.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { hubSettings } from '../../src/platform/models/hub-client.ts';
import { createModelStore } from '../../src/platform/models/model-store.ts';
import { keyAuthenticator } from '../../src/platform/keys.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { chatEngine } from './chat-engine.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { openMediaHouse, jobIdIn, type MediaHouse } from '../media-house.ts';
import { memoryStore } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

/** Operations whose examples cannot succeed on the server of the tests, and why. Those that always refuse are not listed. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  'POST /models/:engine/:name/pull': 'nothing is downloaded in tests; test/hub pulls from a hub on loopback',
  'DELETE /models/:engine/:name': 'there is nothing to remove; test/hub removes what it has pulled',
  'POST /reload': 'a server without a configuration has none to read; test/reload.test.ts reloads one',
};

/** Examples whose address is on the internet, which no test asks. */
export const NEEDS_INTERNET: ReadonlySet<string> = new Set(['minimax-music', 'minimax/music-cover']);

/** What a server answered to an example. */
export interface ExampleAnswer {
  readonly operation: string;
  readonly example: string;
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

/** Runs the examples of every operation of a dialect in an order in which they can succeed. */
export async function runExamples(dialect: Dialect): Promise<readonly ExampleAnswer[]> {
  const { operations, security } = await dialect.docs();
  const store = memoryStore();
  const house = await openMediaHouse(
    {
      more: [
        toneEngine({ implements: ['tts-1', 'higgs2p5'] }),
        hearingEngine({ implements: ['whisper-1', 'whisper_v3_turbo', 'scribe_v1'] }),
        chatEngine(),
      ],
    },
    { weights: await noWeights(), store, authenticator: keyAuthenticator(store.keys) },
  );
  const run = new ExampleRun(dialect, house);
  try {
    await run.begin(security);
    for (const [key, docs] of inOrder(operations)) await run.operation(key, docs);
  } finally {
    await house.close();
  }
  return run.answers;
}

/** A catalogue of which nothing is there. */
async function noWeights() {
  return createModelStore({
    modelsDir: '/nonexistent/antiphon-test-models',
    ...hubSettings({}),
    offline: true,
    fetch,
    log: silentLogger,
    clock: systemClock,
  });
}

/** What makes things comes first, what takes them away last, and parts before the whole. */
const FIRST = ['POST /audio/voice_consents', 'POST /v1/voices/add', 'POST /v1/text-to-voice/create-previews'];

function inOrder(operations: Readonly<Record<string, OperationDocs>>): [string, OperationDocs][] {
  const rank = ([key]: readonly [string, OperationDocs]) => {
    if (FIRST.includes(key)) return 0;
    if (key.startsWith('DELETE')) return 900 - key.length;
    if (key.startsWith('POST')) return key.includes('/:') ? 2 : 1;
    return key.startsWith('GET') ? 3 : 4;
  };
  return Object.entries(operations)
    .filter(([key, docs]) => !docs.refuses && !docs.socket && !(key in NOT_RUN))
    .toSorted((a, b) => rank(a) - rank(b));
}

/** The files of forms. */
const FILES: Readonly<Record<FileKind, () => Promise<File>>> = {
  recording: async () =>
    new File([new Uint8Array(burstRecording({ bursts: bursts(4) }))], 'recording.wav', { type: 'audio/wav' }),
  picture: async () => new File([new Uint8Array(PICTURE)], 'picture.png', { type: 'image/png' }),
  lexicon: async () => new File([LEXICON], 'lexicon.pls', { type: 'application/pls+xml' }),
};

const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mOQs6kgCTGMahjVMHw1AABL39IBzHWNKAAAAABJRU5ErkJggg==',
  'base64',
);

const LEXICON = `<?xml version="1.0"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en">
  <lexeme><grapheme>UN</grapheme><alias>United Nations</alias></lexeme>
</lexicon>`;

class ExampleRun {
  readonly answers: ExampleAnswer[] = [];
  readonly #house: MediaHouse;
  readonly #mount: string;
  readonly #dialect: string;
  #headers: Readonly<Record<string, string>> = {};
  /** What the placeholders of the examples are on this server. */
  readonly #known = new Map<string, string>();

  constructor(dialect: Dialect, house: MediaHouse) {
    this.#house = house;
    this.#mount = ownMount(dialect);
    this.#dialect = dialect.id;
  }

  /** Makes the key of an administrator, with which all else is asked. */
  async begin(security: DialectDocs['security']): Promise<void> {
    const made = await this.#post('/antiphon/v1/keys', { name: 'first', role: 'admin' });
    const key = String(at(JSON.parse(made), 'key'));
    const inHeaders = Object.values(security).filter((scheme) => scheme['in'] === 'header');
    this.#headers = {
      authorization: `Bearer ${key}`,
      'xi-api-key': key,
      ...Object.fromEntries(inHeaders.map(({ name = '' }) => [name, key] as const)),
    };
  }

  async operation(key: string, docs: OperationDocs): Promise<void> {
    await this.#prepare(key, docs);
    const examples = (docs.bodies ?? []).flatMap((body) =>
      Object.entries(body.examples).map(([name, value]) => ({ name, body, value })),
    );
    if (examples.length === 0) await this.#ask(key, docs, { name: ONLY_EXAMPLE });
    for (const example of examples) {
      if (!NEEDS_INTERNET.has(example.name)) await this.#ask(key, docs, example);
    }
  }

  async #ask(
    key: string,
    docs: OperationDocs,
    { name, body, value }: { name: string; body?: BodyDocs; value?: object },
  ): Promise<void> {
    const [method = '', path = ''] = key.split(' ');
    const encoded = body && value ? await this.#encoded(body, value) : undefined;
    const response = await fetch(this.#house.origin + this.#mount + this.#address(path, docs), {
      method,
      headers: { ...this.#headers, ...encoded?.headers },
      ...(encoded ? { body: encoded.body } : {}),
    });
    const mediaType = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const text = await response.text();
    this.answers.push({ operation: key, example: name, status: response.status, mediaType, text });
    if (response.ok && mediaType === 'application/json') await this.#learn(key, text);
  }

  #address(path: string, { path: parts = {}, asks = {} }: OperationDocs): string {
    const filled = path.replace(/:(\w+)|\*/g, (spelled, name: string | undefined) => {
      const part = parts[name ?? spelled];
      assert(part, `${path} says nothing of ${spelled}`);
      return this.#real(part.example);
    });
    const pairs = Object.entries(asks).map(([name, value]): [string, string] => [name, this.#real(value)]);
    const query = new URLSearchParams(pairs).toString();
    return query === '' || filled.includes('?') ? filled : `${filled}?${query}`;
  }

  #real(text: string): string {
    return [...this.#known].reduce(
      (written, [placeholder, real]) => written.replaceAll(placeholder, real),
      text,
    );
  }

  async #encoded(
    body: BodyDocs,
    value: object,
  ): Promise<{ headers?: Record<string, string>; body: string | FormData }> {
    const real: object = JSON.parse(this.#real(JSON.stringify(value)));
    if (body.mediaType === 'application/json') {
      return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(real) };
    }
    const form = new FormData();
    for (const [name, text] of Object.entries(real)) form.append(name, String(text));
    for (const [name, file] of Object.entries(body.files ?? {})) {
      if (file.required) form.append(name, await FILES[file.holds]());
    }
    return { body: form };
  }

  /** What an operation needs that no other one leaves behind. */
  async #prepare(key: string, { path = {} }: OperationDocs): Promise<void> {
    if (key === 'POST /v1/history/download') {
      await this.#learn('GET /v1/history', await this.#get('/elevenlabs/v1/history'));
    }
    if (this.#dialect !== 'antiphon') return;
    const job = path['id']?.example ?? '';
    if (key === 'GET /jobs/:id') this.#known.set(job, await this.#job('alloy'));
    if (key === 'POST /jobs/:id/retry') this.#known.set(job, await this.#job('nobody'));
    if (key === 'GET /files/:id/:filename') await this.#madeFile(path);
  }

  async #job(voice: string): Promise<string> {
    const order = { model: 'tts-1', voice, input: 'Good evening.' };
    const text = await this.#post('/openai/v1/audio/speech', order, { prefer: 'respond-async' });
    const { id } = JSON.parse(text) as { id: string }; // A job has an id.
    await this.#house.ended(id, this.#headers);
    return id;
  }

  async #madeFile(path: NonNullable<OperationDocs['path']>): Promise<void> {
    const order = { model: 'stable-audio', prompt: 'A waltz', seconds_total: 1 };
    const text = await this.#post('/aiml/v2/generate/audio', order);
    await this.#house.ended(jobIdIn(text), this.#headers);
    const { id } = JSON.parse(text) as { id: string };
    const polled = await this.#get(`/aiml/v2/generate/audio?generation_id=${id}`);
    const { audio_file: file } = JSON.parse(polled) as { audio_file: { url: string } };
    const { pathname, search } = new URL(file.url);
    const [fileId = '', filename = ''] = pathname.split('/').slice(-2);
    this.#known.set(path['id']?.example ?? '', fileId);
    this.#known.set(path['filename']?.example ?? '', filename + search);
  }

  /** Ids of what was made take the place of those that stand in the examples. */
  async #learn(key: string, text: string): Promise<void> {
    const body = jsonIn(text);
    for (const [placeholder, find] of LEARNT[this.#dialect]?.[key] ?? []) {
      const found = find(body);
      if (typeof found === 'string') this.#known.set(placeholder, found);
    }
    if (text.includes('task_id') || key.startsWith('POST /videos') || key === 'POST /v2/generate/audio') {
      await this.#house.ended(jobIdIn(text), this.#headers);
    }
    if (key === 'POST /v1/voices/add') await this.#learnSample(body);
  }

  async #get(path: string): Promise<string> {
    return this.#answer(path, {});
  }

  async #post(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.#answer(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async #answer(path: string, { headers = {}, ...rest }: Asked): Promise<string> {
    const response = await fetch(this.#house.origin + path, {
      ...rest,
      headers: { ...this.#headers, ...headers },
    });
    const text = await response.text();
    assert(response.ok, text);
    return text;
  }

  async #learnSample(body: unknown): Promise<void> {
    const id = String(at(body, 'voice_id'));
    const voice = await this.#get(`/elevenlabs/v1/voices/${id}`);
    const sample = at(JSON.parse(voice), 'samples', '0', 'sample_id');
    if (typeof sample === 'string') this.#known.set('bbbbbbbbbbbbbbbbbbbb', sample);
  }
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Learning = readonly (readonly [placeholder: string, find: (body: unknown) => unknown])[];

/** Where the ids stand that later examples need. */
const LEARNT: Readonly<Record<string, Readonly<Record<string, Learning>>>> = {
  openai: {
    'POST /audio/voice_consents': [['cons_0123456789abcdefghijklmn', (body) => at(body, 'id')]],
    'POST /audio/voices': [['voice_0123456789abcdefghijklmn', (body) => at(body, 'id')]],
    'POST /videos': [['video_0123456789abcdef0123456789abcdef', (body) => at(body, 'id')]],
  },
  elevenlabs: {
    'POST /v1/voices/add': [['aaaaaaaaaaaaaaaaaaaa', (body) => at(body, 'voice_id')]],
    'POST /v1/text-to-voice/create-previews': previews(),
    'POST /v1/text-to-voice/design': previews(),
    'GET /v1/history': [['ja9xsmfGhxYcymxGcOGB', (body) => at(body, 'history', '0', 'history_item_id')]],
    'GET /v1/voices': [['TICKET', (body) => ticketIn(at(body, 'voices', '0', 'preview_url'))]],
    'POST /v1/pronunciation-dictionaries/add-from-rules': [
      ['dddddddddddddddddddd', (body) => at(body, 'id')],
      ['eeeeeeeeeeeeeeeeeeee', (body) => at(body, 'version_id')],
    ],
  },
  eigen: {
    'POST /api/v1/generate': [['0123456789abcdef0123456789abcdef', (body) => at(body, 'task_id')]],
  },
  aiml: {
    'POST /v2/generate/audio': [
      ['01234567-89ab-4def-8123-456789abcdef:stable-audio', (body) => at(body, 'generation_id')],
    ],
  },
  antiphon: {
    'POST /keys': [['key_0123456789ab', (body) => at(body, 'id')]],
  },
};

function previews(): Learning {
  return [['cccccccccccccccccccc', (body) => at(body, 'previews', '0', 'generated_voice_id')]];
}

function ticketIn(url: unknown): unknown {
  return typeof url === 'string' ? url.split('/').at(-1) : undefined;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

/** Longest text and longest list of a recorded answer. */
const MOST_CHARACTERS = 120;

/** An answer as it is kept beside the docs. */
export function toRecording({ status, mediaType, text }: ExampleAnswer): RecordedAnswer {
  if (mediaType !== 'application/json' || text === '') return { status, mediaType };
  return { status, mediaType, body: shortened(jsonIn(text)) };
}

/** One vendor sends several values under the name of one, each in a line of its own. */
function jsonIn(text: string): unknown {
  const [first = ''] = text.split('\n').filter((line) => line !== '');
  return JSON.parse(text.trimEnd().includes('}\n{') ? first : text);
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (Array.isArray(value)) return value.slice(0, 1).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortened(member)]));
}

/** What lets somebody in: keys, secrets and tokens, of which the beginning is shown. */
const CREDENTIAL = /^(ant_|ek_|sutkn_|whsec_|sk-)[\w+/=-]{16,}$/;

/** Addresses of this run would be nobody else's. */
function cut(text: string): string {
  const told = text.replace(/http:\/\/127\.0\.0\.1:\d+/, 'http://localhost:8484').replace(CREDENTIAL, '$1…');
  return told.length > MOST_CHARACTERS ? `${told.slice(0, MOST_CHARACTERS / 2)}…` : told;
}
