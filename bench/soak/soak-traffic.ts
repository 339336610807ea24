import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { burstRecording, bursts } from '../../test/burst-recording.ts';
import { testData } from '../../test/decode-support.ts';
import { ELEVENLABS_VOICE, SENTENCE, eigenSocket, elevenlabsSocket, openaiRealtime } from './soak-sockets.ts';

/** What callers meet. */
export interface SoakPlace {
  readonly origin: string;
  /** Where ends of jobs are announced. */
  readonly webhook: string;
  /** Takes note of a job that was accepted. */
  ordered(jobId: string): void;
  /** Takes note of a voice that was made, and of one that was deleted. */
  voice(change: 'made' | 'deleted'): void;
}

/** One kind of caller. Throws when the answer is not what it should be. */
export interface SoakKind {
  readonly name: string;
  /** How many of it there are among all. */
  readonly share: number;
  run(place: SoakPlace): Promise<void>;
}

const STORY = `${SENTENCE} `.repeat(12);
const PATIENCE_MS = 120_000;
const CLIP = join(testData, 'audio/en/jfk.wav');

/** Whether there is a recording, and a model for the server, to hear with. */
export const canHear = existsSync(CLIP);

interface Asking {
  readonly path: string;
  readonly body?: object | FormData;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is expected; 200 unless told. */
  readonly status?: number;
  /** Bytes that the answer has at least. */
  readonly least?: number;
}

function begin(place: SoakPlace, asking: Asking, signal: AbortSignal): Promise<Response> {
  const { path, body, method = 'POST', headers } = asking;
  const isForm = body instanceof FormData;
  return fetch(place.origin + path, {
    method,
    headers: { ...(body && !isForm ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    signal,
  });
}

async function ask(place: SoakPlace, asking: Asking): Promise<Buffer> {
  const answer = await begin(place, asking, AbortSignal.timeout(PATIENCE_MS));
  const bytes = Buffer.from(await answer.arrayBuffer());
  const { status = 200, least = 1 } = asking;
  if (answer.status !== status || bytes.length < (status === 204 ? 0 : least))
    throw new Error(
      `${asking.path}: ${answer.status}, ${bytes.length} bytes, ${bytes.toString('utf8', 0, 200)}`,
    );
  return bytes;
}

const speech = (voice: string, format: string, more: object = {}): Asking => ({
  path: '/v1/audio/speech',
  body: { model: 'auto', voice, input: SENTENCE, response_format: format, ...more },
  least: 1000,
});

function formOf(fields: Readonly<Record<string, string | Blob>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

const simple = (name: string, share: number, asking: () => Asking): SoakKind => ({
  name,
  share,
  run: async (place) => void (await ask(place, asking())),
});

async function order(place: SoakPlace): Promise<void> {
  const headers = { prefer: 'respond-async', 'x-antiphon-webhook': place.webhook };
  const answer = await ask(place, { ...speech('espeak/en-us', 'mp3'), headers, status: 202, least: 10 });
  const { id }: { id: string } = JSON.parse(answer.toString());
  place.ordered(id);
}

/** A sound that is ordered, asked after until it is there, and fetched without a key. */
async function orderedSound(place: SoakPlace): Promise<void> {
  const path = '/v2/generate/audio';
  const json = async (
    asking: Asking,
  ): Promise<{ id: string; status: string; audio_file?: { url: string } }> =>
    JSON.parse((await ask(place, asking)).toString());
  let sound = await json({
    path,
    body: { model: 'stable-audio', prompt: 'waves on a beach', seconds_total: 1 },
    status: 201,
  });
  while (sound.status === 'queued' || sound.status === 'generating') {
    await pause(200);
    sound = await json({ path: `${path}?generation_id=${encodeURIComponent(sound.id)}`, method: 'GET' });
  }
  if (!sound.audio_file) throw new Error(`${path}: ${JSON.stringify(sound)}`);
  await ask(place, {
    path: new URL(sound.audio_file.url).pathname + new URL(sound.audio_file.url).search,
    method: 'GET',
    least: 100_000,
  });
}

async function voiceOfOnesOwn(place: SoakPlace): Promise<void> {
  const recording = new Blob([burstRecording({ bursts: bursts(4) })]);
  const made = await ask(place, {
    path: '/v1/voices/add',
    body: formOf({ name: 'Somebody', files: recording, labels: JSON.stringify({ language: 'en' }) }),
  });
  place.voice('made');
  const { voice_id: id }: { voice_id: string } = JSON.parse(made.toString());
  await ask(place, { path: `/v1/text-to-speech/${id}`, body: { text: 'Good evening.' }, least: 1000 });
  await ask(place, { path: `/v1/voices/${id}`, method: 'DELETE' });
  place.voice('deleted');
}

async function hangUp(place: SoakPlace): Promise<void> {
  const leaving = new AbortController();
  const asking = {
    ...speech('flite/slt', 'mp3'),
    body: { model: 'auto', voice: 'flite/slt', input: STORY },
  };
  const answer = await begin(place, asking, leaving.signal);
  await answer.body?.getReader().read();
  leaving.abort();
}

async function refused(place: SoakPlace): Promise<void> {
  await ask(place, { ...speech('alloy', 'pcm', { speed: 'fast' }), status: 400, least: 10 });
  await ask(place, { ...speech('nobody at all', 'pcm'), status: 400, least: 10 });
  await ask(place, { path: '/v1/nowhere', method: 'GET', status: 404, least: 10 });
}

const eigen = (): Asking => ({
  path: '/api/v1/generate',
  body: formOf({ model: 'higgs2p5', voice: 'Linda', text: SENTENCE }),
  least: 1000,
});

const heard = (): Asking => ({
  path: '/v1/audio/transcriptions',
  body: formOf({ model: 'whisper/tiny', language: 'en', file: new File([readFileSync(CLIP)], 'jfk.wav') }),
});

/** The samples of the clip, without what a WAV file says before them. */
function spokenClip(): Buffer {
  const file = readFileSync(CLIP);
  return file.subarray(file.indexOf('data', 12, 'latin1') + 8);
}

const picture: Asking = {
  path: '/v1/images/generations',
  body: { model: 'procedural/pictures', prompt: 'three boats on a calm sea', size: '256x256' },
  least: 1000,
};

const HEARING: readonly SoakKind[] = [
  simple('hearing', 1, heard),
  { name: 'OpenAI realtime', share: 1, run: (place) => openaiRealtime(place, spokenClip()) },
];

/** All kinds of callers, as they come. */
export const SOAK_KINDS: readonly SoakKind[] = [
  simple('speech, flite, mp3', 4, () => speech('flite/slt', 'mp3')),
  simple('speech, espeak, pcm', 4, () => speech('espeak/en-us', 'pcm')),
  simple('speech, flite, flac', 1, () => speech('flite/slt', 'flac')),
  simple('speech, espeak, opus', 1, () => speech('espeak/en-us', 'opus')),
  simple('speech as events', 1, () => speech('espeak/en-us', 'mp3', { stream_format: 'sse' })),
  simple('ElevenLabs stream', 2, () => ({
    path: `/v1/text-to-speech/${ELEVENLABS_VOICE}/stream`,
    body: { text: SENTENCE },
    least: 1000,
  })),
  simple('Eigen AI generate', 2, eigen),
  { name: 'ElevenLabs socket', share: 2, run: elevenlabsSocket },
  { name: 'Eigen AI socket', share: 1, run: eigenSocket },
  { name: 'AI/ML API sound of 1 s', share: 1, run: orderedSound },
  simple('sound of 1 s', 1, () => ({
    path: '/v1/sound-generation',
    body: { text: 'heavy rain', duration_seconds: 1 },
    least: 1000,
  })),
  simple('picture', 1, () => picture),
  ...(canHear ? HEARING : []),
  { name: 'job with webhook', share: 2, run: order },
  { name: 'voice made, used, deleted', share: 1, run: voiceOfOnesOwn },
  { name: 'hang-up', share: 2, run: hangUp },
  { name: 'refused', share: 2, run: refused },
];

/** Who comes when: every kind as often as its share says, spread evenly, and then again from the start. */
export function soakOrder(kinds: readonly SoakKind[]): readonly SoakKind[] {
  const most = kinds.reduce((sum, { share }) => sum + share, 0);
  const line: SoakKind[] = [];
  const owed = kinds.map(() => 0);
  while (line.length < most) {
    for (const [index, { share }] of kinds.entries()) owed[index] = (owed[index] ?? 0) + share;
    const next = owed.indexOf(Math.max(...owed));
    owed[next] = (owed[next] ?? 0) - most;
    const kind = kinds[next];
    if (kind) line.push(kind);
  }
  return line;
}
