import { toBase64 } from '../../base/base64.ts';
import { AppError, cancelledError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { SpeechEngine, SpeechOutput, SynthesisRequest, VoiceSample } from '../../core/engine.ts';
import type { RemoteModel, RemoteValue } from '../../core/models/remote.ts';
import { SPEECH_SETTINGS, type SpeechSetting } from '../../core/speech/speech.ts';
import type { PcmStream } from '../../media/pcm.ts';
import { resample } from '../../media/resample.ts';
import { boundedBlocks } from '../../media/sample-blocks.ts';
import { changeTempo } from '../../media/tempo.ts';
import type { RemoteLink } from '../remote-link.ts';
import { speakSentences, type SpokenPart } from '../sentence-speech.ts';
import { languageCode, languageName } from './language-words.ts';
import { planFields, type FieldPlan } from '../remote-fields.ts';
import type { RemotePart } from './media-models.ts';
import type { SpeechQuirks } from './media-profile.ts';
import { jsonBody } from '../remote-bodies.ts';
import {
  clipOfSample,
  createClipShelf,
  sampleSpeaker,
  speakersOf,
  type ReferenceClip,
  type RemoteSpeaker,
} from './remote-voices.ts';
import { asSamples, openSpeech, type SpeechOfReply } from './sound-replies.ts';

/** Some hours of speech. */
const MAX_BYTES = 1024 * 1024 * 1024;
/** Range in which the tempo is changed here, for servers that cannot. */
const OWN_SPEED = { minimum: 0.25, maximum: 4 };
/** Longest sentence that is asked for by itself, in UTF-16 units, where the operator sets no limit. */
const SENTENCE_CHARACTERS = 400;
const CHUNK_SECONDS = 0.2;
/** Seeds that JSON carries exactly. */
const EXACT = 2 ** 53;

/** Speaks through a server elsewhere. */
export function createRemoteSpeech({ remote, models, quirks, link }: RemotePart<SpeechQuirks>): SpeechEngine {
  const readClip = createClipShelf();
  const plans = new Map(models.map((model) => [`${remote}/${model.id}`, planOf(model, quirks)]));
  const known = models.flatMap((model) =>
    speakersOf(remote, model, quirks).map((speaker) => ({ ...speaker, model })),
  );
  const settings = [...plans.values()][0]?.plan.settings ?? {};
  return {
    voices: known.map(({ voice }) => voice),
    ...(quirks.sample
      ? {
          findSampleVoice: (id: string, sample: VoiceSample) => {
            const model = plans.get(id)?.model;
            return model && takesSample(sample, quirks)
              ? sampleSpeaker(remote, model, quirks).voice
              : undefined;
          },
        }
      : {}),
    settings: {
      ...settings,
      speed: settings.speed ?? OWN_SPEED,
      ...(quirks.sample ? { voice_sample: 'any' } : {}),
    },
    synthesize: async (request, context) => {
      const found = plans.get(request.model);
      if (!found) throw new AppError('internal', `${request.model} is none of the models of ${remote}.`);
      const speaker = known.find(({ voice }) => voice.id === request.voice);
      const clip = await clipFor(request, { speaker, quirks, readClip, signal: context.signal });
      return speak({ ...found, quirks, link, request, context, speaker, clip });
    },
  };
}

interface ModelPlan {
  readonly model: RemoteModel;
  readonly plan: FieldPlan<SpeechSetting>;
}

function planOf(model: RemoteModel, quirks: SpeechQuirks): ModelPlan {
  return { model, plan: planFields(model, quirks, isSpeechSetting) };
}

function isSpeechSetting(name: string): name is SpeechSetting {
  return SPEECH_SETTINGS.some((setting) => setting === name);
}

function takesSample({ audio, transcript }: VoiceSample, { sample }: SpeechQuirks): boolean {
  if (!sample || audio.kind === 'url') return false;
  return sample.withoutTranscript !== undefined || Boolean(transcript?.trim());
}

interface ClipSearch {
  readonly speaker: RemoteSpeaker | undefined;
  readonly quirks: SpeechQuirks;
  readonly readClip: ReturnType<typeof createClipShelf>;
  readonly signal: AbortSignal;
}

async function clipFor(
  { sample, model }: SynthesisRequest,
  { speaker, quirks, readClip, signal }: ClipSearch,
): Promise<ReferenceClip | undefined> {
  const { sample: way } = quirks;
  const clip = speaker?.written?.clip;
  if (way && sample) return clipOfSample(sample, { maxBytes: way.maxBytes, signal });
  if (way && clip) return readClip(clip, { maxBytes: way.maxBytes, signal });
  if (way && !quirks.voiceField) {
    throw new AppError(
      'invalid_request',
      `The model ${model} speaks with the voice of a sample, so it needs one.`,
      {
        param: 'voice',
        reason: 'voice_sample',
      },
    );
  }
  return undefined;
}

interface Speaking extends ModelPlan {
  readonly quirks: SpeechQuirks;
  readonly link: RemoteLink;
  readonly request: SynthesisRequest;
  readonly context: RequestContext;
  readonly speaker: RemoteSpeaker | undefined;
  readonly clip: ReferenceClip | undefined;
}

/** Chunks of a fifth of a second at most. What has arrived when the caller hangs up is not heard any more. */
async function* inShortChunks(
  { chunks, sampleRate }: PcmStream,
  signal: AbortSignal,
): AsyncGenerator<Float32Array> {
  const bounds = { least: 1, most: Math.floor(CHUNK_SECONDS * sampleRate) };
  for await (const chunk of boundedBlocks(chunks, bounds)) {
    if (signal.aborted) throw cancelledError();
    yield chunk;
  }
  if (signal.aborted) throw cancelledError();
}

/** In one go where sound comes while it is made, else sentence by sentence, so that the first is heard early. */
async function speak(speaking: Speaking): Promise<SpeechOutput> {
  const { request, quirks, model, plan, context } = speaking;
  if (request.text.trim() === '') return { kind: 'pcm', pcm: silence(quirks.sampleRate) };
  const most = model.limits.maxCharacters ?? Number.POSITIVE_INFINITY;
  const fitsSpeed = plan.settings.speed !== undefined;
  const tempo = fitsSpeed ? 1 : request.speed;
  if (quirks.streams && request.text.length <= most) {
    const sound = await open(speaking, request.text);
    if (sound.kind === 'raw' && isWantedAsIs(request, { tempo, sampleRate: sound.sampleRate })) {
      return sound;
    }
    const pcm = asSamples(sound);
    const changed = changeTempo(pcm, { tempo, pitchSemitones: request.pitchSemitones });
    return { kind: 'pcm', pcm: { ...changed, chunks: inShortChunks(changed, context.signal) } };
  }
  const { pcm } = speakSentences({
    text: request.text,
    language: request.language,
    sampleRate: quirks.sampleRate,
    speed: tempo,
    pitchSemitones: request.pitchSemitones,
    signal: context.signal,
    maxCharacters: Math.min(most, SENTENCE_CHARACTERS),
    speakPiece: (piece, { signal }) =>
      spokenParts({ ...speaking, context: { ...context, signal } }, piece.text),
  });
  return { kind: 'pcm', pcm };
}

/** Whether the caller gets the very samples that came. */
function isWantedAsIs(
  { asIs, pitchSemitones }: SynthesisRequest,
  { tempo, sampleRate }: { readonly tempo: number; readonly sampleRate: number },
): boolean {
  return asIs?.sampleRate === sampleRate && tempo === 1 && pitchSemitones === 0;
}

function silence(sampleRate: number): PcmStream {
  return { sampleRate, channels: 1, chunks: (async function* () {})() };
}

async function* spokenParts(speaking: Speaking, text: string): AsyncGenerator<SpokenPart> {
  const pcm = await ask(speaking, text);
  for await (const samples of resample(pcm, speaking.quirks.sampleRate).chunks) yield { samples };
}

async function ask(speaking: Speaking, text: string): Promise<PcmStream> {
  return asSamples(await open(speaking, text));
}

async function open(speaking: Speaking, text: string): Promise<SpeechOfReply> {
  const { quirks, link, context, model } = speaking;
  const { signal } = context;
  const reply = await link.call({
    method: 'POST',
    path: quirks.path,
    body: jsonBody(fieldsOf(speaking, text)),
    signal,
    span: context.span,
    maxBytes: MAX_BYTES,
    headMs: model.timeoutSeconds === undefined ? undefined : model.timeoutSeconds * 1000,
  });
  return openSpeech(reply, { sampleRate: quirks.sampleRate, raw: quirks.format === 'pcm', signal });
}

function fieldsOf({ plan, quirks, request, model, speaker, clip }: Speaking, text: string) {
  const { speed, instructions, controls = {} } = request;
  const voice = clip ? undefined : (speaker?.written?.upstream ?? speaker?.voice.name);
  return plan.write({
    own: {
      input: text,
      model: model.upstream,
      response_format: quirks.format,
      ...(quirks.streams ? STREAMED[quirks.format] : {}),
      ...(quirks.voiceField === undefined ? {} : { [quirks.voiceField]: voice }),
      ...clipFields(clip, quirks),
    },
    values: {
      ...controls,
      speed: speed === 1 ? undefined : speed,
      language: toldLanguage(request.language, quirks),
      instructions,
      seed: toldSeed(request.seed, quirks),
    },
  });
}

const STREAMED: Readonly<Record<SpeechQuirks['format'], Readonly<Record<string, RemoteValue>>>> = {
  pcm: { stream: true, stream_format: 'audio' },
  wav: {},
};

function clipFields(
  clip: ReferenceClip | undefined,
  { sample }: SpeechQuirks,
): Readonly<Record<string, RemoteValue>> {
  if (!clip || !sample) return {};
  const base64 = toBase64(clip.wav);
  return {
    [sample.field]:
      sample.kind === 'data-url' ? `data:audio/wav;base64,${base64}` : { type: 'base64', data: base64 },
    ...(clip.transcript === undefined
      ? sample.withoutTranscript
      : { [sample.transcriptField]: clip.transcript }),
  };
}

function toldLanguage(tag: string, { language }: SpeechQuirks): string | undefined {
  if (language === 'none') return undefined;
  return language === 'name' ? languageName(tag) : languageCode(tag);
}

function toldSeed(seed: number | undefined, { seedAsText }: SpeechQuirks): RemoteValue | undefined {
  return seed !== undefined && seedAsText && seed >= EXACT ? String(seed) : seed;
}
