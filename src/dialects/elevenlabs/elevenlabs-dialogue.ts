import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import type { DialogueTurn } from '../../core/speech/dialogue.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import { GENERATES } from '../respond-async.ts';
import { antiphonHeaders, sendLines, sendSpeech } from '../speech-reply.ts';
import {
  dialogueBody,
  toDialogueCall,
  toDialogueRequest,
  type DialogueCall,
} from './elevenlabs-dialogue-request.ts';
import { findPronunciations } from './elevenlabs-dictionaries.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormats } from './elevenlabs-formats.ts';
import { historyHeader, keepSpeech } from './elevenlabs-kept-speech.ts';
import { checkTextLength, costHeaders, factsOf } from './elevenlabs-speech.ts';
import { speechQuery } from './elevenlabs-speech-schema.ts';
import { stitched } from './elevenlabs-stitching.ts';
import { collectTimedAudio, timedAudioParts, type TimedAudio } from './elevenlabs-timestamps.ts';
import { getVoice } from './elevenlabs-voice-paths.ts';

const PREFIX = '/v1/text-to-dialogue';

/** Registers the four ways to ask for several voices that speak in turn. */
export function dialogueRoutes(scope: FastifyInstance, core: Core): void {
  const answerWithBytes = (streamed: boolean) => async (request: FastifyRequest, reply: FastifyReply) => {
    const order = readOrder(request, { streamed, alignment: false });
    const { result, headers } = await speakDialogue(core, order, request);
    const { contentType } = outputFormats[order.call.query.output_format ?? DEFAULT_OUTPUT_FORMAT];
    return sendSpeech(reply, result, { contentType, headers });
  };
  scope.post(PREFIX, GENERATES, answerWithBytes(false));
  scope.post(`${PREFIX}/stream`, GENERATES, answerWithBytes(true));
  scope.post(`${PREFIX}/with-timestamps`, GENERATES, async (request, reply) => {
    const order = readOrder(request, { streamed: false, alignment: true });
    const { result, headers } = await speakDialogue(core, order, request);
    const timed = await collectTimedAudio(result);
    reply.headers({ ...antiphonHeaders(result), ...headers });
    return reply.send({ ...timed, voice_segments: segmentsIn(timed, { order, from: 0 }) });
  });
  scope.post(`${PREFIX}/stream/with-timestamps`, GENERATES, async (request, reply) => {
    const order = readOrder(request, { streamed: true, alignment: true });
    const { result, headers: own } = await speakDialogue(core, order, request);
    const headers = { ...antiphonHeaders(result), ...own };
    return sendLines(reply, dialogueLines(result, order), { contentType: 'application/json', headers });
  });
}

function readOrder(
  request: FastifyRequest,
  { streamed, alignment }: { readonly streamed: boolean; readonly alignment: boolean },
): DialogueCall {
  const query = parseFields('query', speechQuery, request.query);
  const body = parseFields('body', dialogueBody, request.body);
  const { format } = outputFormats[query.output_format ?? DEFAULT_OUTPUT_FORMAT];
  const whole = !streamed && (alignment || format.id === 'wav');
  return toDialogueCall({ body, query, alignment, delivery: whole ? 'whole' : 'stream' });
}

interface SpokenDialogue {
  readonly result: SpeechResult;
  readonly headers: Readonly<Record<string, string>>;
}

async function speakDialogue(
  core: Core,
  order: DialogueCall,
  { antiphon: context }: FastifyRequest,
): Promise<SpokenDialogue> {
  const { call, turns } = order;
  checkTextLength(core, call);
  const names = [...new Set(turns.map((turn) => turn.voice))];
  const [voice] = await Promise.all(names.map((name) => getVoice(core, name, context)));
  const locators = call.body.pronunciation_dictionary_locators;
  const plain = toDialogueRequest(order, await findPronunciations(core, locators, context));
  const { request, warnings } = await stitched(core, { call, request: plain }, context);
  const spoken = await core.speech.speak(request, context);
  const result = { ...spoken, warnings: [...warnings, ...spoken.warnings] };
  if (!voice) return { result, headers: costHeaders(call, result) };
  const kept = keepSpeech(core, { asked: factsOf(call, { voice, result }), result }, context);
  return { result: kept.result, headers: { ...costHeaders(call, result), ...historyHeader(kept) } };
}

/** Which voice speaks which of the characters that come along, counted within them, and when. */
interface VoiceSegment {
  readonly voice_id: string;
  readonly start_time_seconds: number;
  readonly end_time_seconds: number;
  readonly character_start_index: number;
  readonly character_end_index: number;
  readonly dialogue_input_index: number;
}

/** Where the characters of an answer begin in the whole text, in UTF-16 units. */
interface Position {
  readonly order: DialogueCall;
  readonly from: number;
}

async function* dialogueLines(result: SpeechResult, order: DialogueCall): AsyncGenerator<string> {
  let from = 0;
  for await (const part of timedAudioParts(result)) {
    yield `${JSON.stringify({ ...part, voice_segments: segmentsIn(part, { order, from }) })}\n`;
    from += part.alignment?.characters.join('').length ?? 0;
  }
}

function segmentsIn({ alignment }: TimedAudio, { order, from }: Position): VoiceSegment[] {
  if (!alignment) return [];
  const offsets: number[] = [];
  let offset = from;
  for (const character of alignment.characters) {
    offsets.push(offset);
    offset += character.length;
  }
  return order.turns.flatMap((turn, index): VoiceSegment[] => {
    const own = indicesOf(turn, offsets);
    if (!own) return [];
    return [
      {
        voice_id: turn.voice,
        start_time_seconds: alignment.character_start_times_seconds[own.first] ?? 0,
        end_time_seconds: alignment.character_end_times_seconds[own.last] ?? 0,
        character_start_index: own.first,
        character_end_index: own.last + 1,
        dialogue_input_index: index,
      },
    ];
  });
}

function indicesOf({ start, end }: DialogueTurn, offsets: readonly number[]) {
  const first = offsets.findIndex((offset) => offset >= start && offset < end);
  if (first < 0) return undefined;
  return { first, last: offsets.findLastIndex((offset) => offset >= start && offset < end) };
}
