import { toAppError } from '../../base/errors.ts';
import type { TranscriptionEvent, TranscriptionResult } from '../../core/transcription/transcription.ts';
import { errorBody } from './openai-errors.ts';
import type { TranscriptionBody } from './openai-transcription-body.ts';
import {
  heardLanguages,
  toLogprob,
  toSpeakerSegment,
  withoutSpace,
  type WireLogprob,
} from './openai-transcription-replies.ts';
import { wantsLogprobs } from './openai-transcription-request.ts';
import { tokenUsage } from './openai-transcription-usage.ts';

/**
 * A transcription as this vendor's server-sent events: its text piece by piece, or with speakers segment by segment,
 * then the whole text with the usage, and a mark at the end. A failure, also one before the first word, is an error
 * event in the place of the rest, and clients throw it.
 */
export async function* transcriptionEvents(
  opening: Promise<Pick<TranscriptionResult, 'events'>>,
  body: TranscriptionBody,
): AsyncGenerator<string> {
  try {
    const { events } = await opening;
    const writer =
      body.response_format === 'diarized_json' ? speakerWriter() : textWriter(wantsLogprobs(body));
    for await (const heard of events) {
      for (const content of writer.write(heard)) yield event(content);
      if (heard.type === 'transcript-end') {
        const { text } = heard.transcript;
        const usage = tokenUsage(heard.transcript, body.prompt);
        const languages = heardLanguages(heard.transcript, body);
        yield event({ type: 'transcript.text.done', text, ...writer.summary(), ...languages, usage });
      }
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'cancelled') yield event(errorBody(error));
    return;
  }
  yield 'data: [DONE]\r\n\r\n';
}

function event(content: object): string {
  return `data: ${JSON.stringify(content)}\r\n\r\n`;
}

interface EventWriter {
  write(event: TranscriptionEvent): Iterable<object>;
  /** What the last event has besides text and usage. */
  summary(): object;
}

function speakerWriter(): EventWriter {
  return {
    *write(heard) {
      if (heard.type === 'segment-end') yield toSpeakerSegment(heard.segment);
    },
    summary: () => ({}),
  };
}

/** The pieces join to the text to the letter, so space at the end of one is held back until another follows. */
function textWriter(withLogprobs: boolean): EventWriter {
  const tokens: WireLogprob[] = [];
  let heldBack = '';
  const logprobsOf = (logprobs: readonly WireLogprob[]) => (withLogprobs ? { logprobs } : {});
  return {
    *write(heard) {
      if (heard.type !== 'text-delta') return;
      const [first, ...rest] = heard.logprobs;
      const isStart = first !== undefined && tokens.length === 0;
      const fresh = (isStart ? [withoutSpace(first), ...rest] : heard.logprobs).map(toLogprob);
      tokens.push(...fresh);
      const text = heldBack + heard.text;
      const delta = text.trimEnd();
      heldBack = text.slice(delta.length);
      if (delta !== '') yield { type: 'transcript.text.delta', delta, ...logprobsOf(fresh) };
    },
    summary: () => logprobsOf(tokens),
  };
}
