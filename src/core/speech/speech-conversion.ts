import { AppError } from '../../base/errors.ts';
import { primed, whenDone } from '../../base/stream.ts';
import type { AudioFormat } from '../../media/formats/format.ts';
import { encodeAudio, findAudioFormat } from '../../media/formats/index.ts';
import { countSeconds } from '../../media/pcm.ts';
import { logFailure } from '../failure-log.ts';
import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { Clock } from '../ports/clock.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import { countUse, countingFailures, type UsageCounter } from '../usage/usage-record.ts';
import type { Warning } from '../warning.ts';
import { findConversionListener } from './speech-conversion-hearing.ts';
import { findPitchMove, movePitch } from './speech-conversion-pitch.ts';
import type { ConversionRequest } from './speech-conversion-request.ts';
import { revoice, type ConvertedSound, type RevoicingParts } from './speech-conversion-voice.ts';
import { createSpeechService } from './speech-service.ts';
import type { SpeechResult } from './speech.ts';

/** What speech is converted with. */
export interface SpeechConversionParts extends Omit<RevoicingParts, 'speech'> {
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
}

/** Turns recordings towards other voices. */
export interface SpeechConversion {
  /**
   * Where a model that hears is installed, the words of a recording are spoken by the voice in the recording's rhythm.
   * Otherwise, and where no words are heard, the recording keeps its own voice, its pitch is moved to that of the
   * wanted one, and a warning says so. Answers once the first sound exists. Throws what is wrong with the recording,
   * naming its field, and what the engines throw. The caller must read or close `chunks`, or abort the context's signal.
   */
  convert(request: ConversionRequest, context: RequestContext): Promise<SpeechResult>;
}

/** Moving a pitch takes a slot as engines do, so that owners take turns. */
const PITCH_ENGINE: Engine = { id: 'antiphon', concurrency: 4, models: [] };

/** Builds the service. */
export function createSpeechConversion(parts: SpeechConversionParts): SpeechConversion {
  // A conversion is counted as one request, and not once more for each of its phrases.
  const usage = { add: () => undefined };
  const access = { admit: async () => undefined };
  const speech = createSpeechService({ ...parts, usage, access });
  return {
    convert: async (request, context) => {
      const format = findAudioFormat(request.format.id);
      if (!format) throw new AppError('invalid_request', `The format '${request.format.id}' does not exist.`);
      const house: House = { parts: { ...parts, speech }, context };
      const use = { capability: 'conversion', model: request.model } as const;
      await parts.access.admit({ ...use, characters: 0 }, context);
      return countingFailures(parts.usage, { use, context }, () => convert({ request, format }, house));
    },
  };
}

async function convert(wanted: Pick<Conversion, 'request' | 'format'>, house: House): Promise<SpeechResult> {
  const { parts, context } = house;
  const { request } = wanted;
  const conversion = { ...wanted, askedAt: parts.clock.monotonicMs() };
  const spoken = await spokenAnew(request, house);
  if ('pcm' in spoken) return deliver(spoken, conversion, house);
  const move = await findPitchMove(request, spoken.missing, house);
  if (context.strict) refuseUnderStrict(move.warnings);
  const release = await parts.runner.acquire(PITCH_ENGINE, context);
  try {
    return await deliver(await movePitch(move, house), { ...conversion, release }, house);
  } catch (error) {
    release();
    throw error;
  }
}

interface House {
  readonly parts: SpeechConversionParts & RevoicingParts;
  readonly context: RequestContext;
}

/** The recording in the wanted voice; why not where that cannot be. */
async function spokenAnew(
  request: ConversionRequest,
  house: House,
): Promise<ConvertedSound | { readonly missing: string }> {
  const listener = await findConversionListener(request, house.parts);
  if ('missing' in listener) return listener;
  const obeyed = request.asked.filter(({ setting }) => setting !== 'speed');
  const spoken = await revoice({ ...request, asked: obeyed }, listener, house);
  if ('missing' in spoken) return spoken;
  const warnings = [...inVain(request), ...spoken.warnings];
  if (house.context.strict && warnings.length > 0) {
    await spoken.close();
    refuseUnderStrict(warnings);
  }
  return { ...spoken, warnings };
}

function inVain({ asked }: ConversionRequest): Warning[] {
  const reason = 'the words keep the time that they have in the recording';
  return asked
    .filter(({ setting }) => setting === 'speed')
    .map(({ parameter }) => ({ type: 'ignored', setting: parameter, reason }));
}

interface Conversion {
  readonly request: ConversionRequest;
  readonly format: AudioFormat;
  readonly askedAt: number;
  readonly release?: () => void;
}

async function deliver(sound: ConvertedSound, conversion: Conversion, house: House): Promise<SpeechResult> {
  const { request, format } = conversion;
  const { signal } = house.context;
  const counted = countSeconds(sound.pcm);
  const first = await primed(encodeAudio(counted.pcm, request.format));
  const finish = endOfConversion(sound, conversion, { ...house, seconds: counted.seconds });
  const abandon = () => {
    void first.close().catch(() => undefined);
    finish();
  };
  signal.addEventListener('abort', abandon, { once: true });
  const chunks = whenDone(first.stream, (failure) => {
    signal.removeEventListener('abort', abandon);
    void first.close().catch(() => undefined);
    finish(failure);
  });
  return {
    mediaType: format.mediaType,
    formatId: format.id,
    sampleRate: request.format.sampleRate ?? sound.pcm.sampleRate,
    chunks,
    secondsSoFar: counted.seconds,
    warnings: sound.warnings,
    servedBy: sound.servedBy,
    voiceId: sound.voiceId,
    standIn: true,
    characters: 0,
  };
}

/** Gives the slot back, counts the usage and writes the one log line, whichever way the conversion ended. */
function endOfConversion(
  { servedBy, voiceId }: ConvertedSound,
  { request, askedAt, release }: Conversion,
  { parts, context, seconds }: House & { readonly seconds: () => number },
): (failure?: unknown) => void {
  let ended = false;
  return (failure) => {
    if (ended) return;
    ended = true;
    release?.();
    const audioSeconds = seconds();
    const durationMs = parts.clock.monotonicMs() - askedAt;
    const failed = failure !== undefined && !context.signal.aborted;
    const use = {
      capability: 'conversion',
      model: request.model,
      servedBy,
      audioSeconds,
      engineSeconds: durationMs / 1000,
      failed,
    } as const;
    countUse(parts.usage, use, context);
    const fields = {
      model: servedBy,
      voice: voiceId,
      durationMs: Math.round(durationMs),
      audioMs: Math.round(audioSeconds * 1000),
      cancelled: context.signal.aborted,
    };
    if (failed) logFailure(context.log, 'conversion-failed', { ...fields, error: failure });
    else context.log.debug(fields, 'conversion-end');
  };
}
