import { ask, type CommandServer } from './command-server.ts';

/** A model that is to be measured. */
export interface BenchModel {
  readonly id: string;
  readonly capability: string;
  /** ISO 639-1 codes, or `any`. */
  readonly languages: readonly string[] | 'any';
}

/** One request, from when it was sent. */
export interface BenchRun {
  /** Until there was something to hear, read or see. */
  readonly firstMs: number;
  readonly totalMs: number;
  /** How long the sound is that was made or heard; undefined for pictures. */
  readonly mediaSeconds: number | undefined;
}

/** Sends one request to a model and follows its answer. */
export type Measure = (model: BenchModel, signal: AbortSignal) => Promise<BenchRun>;

const TEXTS: Readonly<Record<string, string>> = {
  en: 'The sea was calm that evening, and the lamps along the harbour had just been lit. A boy sat on the wall and counted the boats as they came in.',
  de: 'Das Meer war ruhig an jenem Abend, und die Lampen am Hafen brannten schon. Ein Junge saß auf der Mauer und zählte die Boote, die heimkamen.',
  fr: 'La mer était calme ce soir-là, et les lampes du port venaient de s’allumer. Un garçon assis sur le mur comptait les bateaux qui rentraient.',
  es: 'El mar estaba en calma aquella tarde, y las luces del puerto acababan de encenderse. Un niño sentado en el muro contaba los barcos que volvían.',
};

const SPEECH_RATE = 24_000;
const SOUND_RATE = 44_100;
const SOUND_SECONDS = 5;
const MUSIC_SECONDS = 10;
const BYTES_PER_SAMPLE = 2;

/** The language in which a model is measured; undefined when there is no text for any of its own. */
export function benchLanguage({ languages }: Pick<BenchModel, 'languages'>): string | undefined {
  return Object.keys(TEXTS).find((code) => languages === 'any' || languages.includes(code));
}

/** How each capability is measured that is measured at all, through the same routes that everybody uses. */
export function measuresOf(server: CommandServer): Readonly<Record<string, Measure>> {
  const recordings = new Map<string, Promise<Recording>>();
  const recordingIn = (language: string, signal: AbortSignal) => {
    const known = recordings.get(language) ?? makeRecording(server, language, signal);
    recordings.set(language, known);
    return known;
  };
  return {
    speech: (model, signal) =>
      followSound(server, {
        asking: {
          path: '/openai/v1/audio/speech',
          json: { model: model.id, voice: 'alloy', input: textFor(model), response_format: 'pcm' },
          signal,
        },
        bytesPerSecond: SPEECH_RATE * BYTES_PER_SAMPLE,
      }),
    transcription: async (model, signal) => {
      const recording = await recordingIn(benchLanguage(model) ?? 'en', signal);
      return followTranscript(server, { model, recording, signal });
    },
    sound: ({ id }, signal) =>
      followSound(server, {
        asking: {
          path: `/elevenlabs/v1/sound-generation?output_format=pcm_${SOUND_RATE}`,
          json: { text: 'rain on a tin roof', duration_seconds: SOUND_SECONDS, model_id: id },
          signal,
        },
        seconds: SOUND_SECONDS,
      }),
    music: ({ id }, signal) =>
      followSound(server, {
        asking: {
          path: `/elevenlabs/v1/music?output_format=pcm_${SOUND_RATE}`,
          json: { prompt: 'a calm piece for piano', music_length_ms: MUSIC_SECONDS * 1000, model_id: id },
          signal,
        },
        seconds: MUSIC_SECONDS,
      }),
    image: async ({ id }, signal) => {
      const startedAt = performance.now();
      const answer = await ask(server, {
        path: '/openai/v1/images/generations',
        json: { model: id, prompt: 'a lighthouse at dusk', size: '1024x1024' },
        signal,
      });
      await answer.arrayBuffer();
      const totalMs = performance.now() - startedAt;
      return { firstMs: totalMs, totalMs, mediaSeconds: undefined };
    },
  };
}

function textFor(model: BenchModel): string {
  return TEXTS[benchLanguage(model) ?? 'en'] ?? '';
}

interface SoundFollowing {
  readonly asking: Parameters<typeof ask>[1];
  /** Of raw samples. */
  readonly bytesPerSecond?: number;
  /** How long it is, where that was asked for. */
  readonly seconds?: number;
}

async function followSound(server: CommandServer, following: SoundFollowing): Promise<BenchRun> {
  const { asking, bytesPerSecond = 1, seconds } = following;
  const startedAt = performance.now();
  const { body } = await ask(server, asking);
  let firstMs = 0;
  let byteLength = 0;
  for await (const chunk of body ?? []) {
    if (byteLength === 0) firstMs = performance.now() - startedAt;
    byteLength += chunk.length;
  }
  const totalMs = performance.now() - startedAt;
  return { firstMs, totalMs, mediaSeconds: seconds ?? byteLength / bytesPerSecond };
}

interface Recording {
  readonly bytes: Blob;
  readonly language: string;
  readonly seconds: number;
}

/** What is to be heard is spoken by whatever speaks best here. */
async function makeRecording(
  server: CommandServer,
  language: string,
  signal: AbortSignal,
): Promise<Recording> {
  const answer = await ask(server, {
    path: '/openai/v1/audio/speech',
    json: { model: 'auto', voice: 'alloy', input: TEXTS[language], response_format: 'wav' },
    signal,
  });
  const bytes = await answer.blob();
  return { bytes, language, seconds: bytes.size / (SPEECH_RATE * BYTES_PER_SAMPLE) };
}

interface Hearing {
  readonly model: BenchModel;
  readonly recording: Recording;
  readonly signal: AbortSignal;
}

async function followTranscript(
  server: CommandServer,
  { model, recording, signal }: Hearing,
): Promise<BenchRun> {
  const form = new FormData();
  form.append('model', model.id);
  form.append('language', recording.language);
  form.append('stream', 'true');
  form.append('file', recording.bytes, 'recording.wav');
  const startedAt = performance.now();
  const { body } = await ask(server, { path: '/openai/v1/audio/transcriptions', form, signal });
  let firstMs: number | undefined;
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    if (/transcript\.text\.(delta|segment)/.test(chunk)) firstMs ??= performance.now() - startedAt;
  }
  const totalMs = performance.now() - startedAt;
  return { firstMs: firstMs ?? totalMs, totalMs, mediaSeconds: recording.seconds };
}
