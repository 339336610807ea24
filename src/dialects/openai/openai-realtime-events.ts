import { randomAlphanumeric } from '../../base/ids.ts';
import type { LiveEvent } from '../../core/transcription/live-request.ts';
import type { TranscribedSegment } from '../../core/transcription/transcription.ts';
import { errorBody } from './openai-errors.ts';
import { heardLanguages, toLogprob, toLogprobs } from './openai-transcription-replies.ts';
import { usageOf } from './openai-transcription-usage.ts';

/** An event as it is sent, with an id of its own. */
export function realtimeEvent(type: string, content: object): object {
  return { type, event_id: `event_${randomAlphanumeric(21)}`, ...content };
}

const HEARD = 'conversation.item.input_audio_transcription';
const BUFFER = 'input_audio_buffer';

/** Puts what happens in a live transcription into the vendor's events. */
export interface RealtimeWriter {
  write(event: LiveEvent): readonly object[];
}

/** The writer of one session. Items have ids that nobody else's have. */
export function createRealtimeWriter(sessionId: string): RealtimeWriter {
  const idOf = (item: number) => `item_${sessionId.replace(/^sess_/, '')}${String(item).padStart(4, '0')}`;
  // The items in the order of their commits: one that was cleared is nobody's predecessor.
  let previous: string | null = null;
  const committed = (item: number) => {
    const ids = { item_id: idOf(item), previous_item_id: previous };
    previous = idOf(item);
    return ids;
  };
  return {
    write: (event) => {
      const item_id = idOf(event.item);
      switch (event.type) {
        case 'speech-start':
          return [realtimeEvent(`${BUFFER}.speech_started`, { audio_start_ms: event.atMs, item_id })];
        case 'speech-stop':
          return [realtimeEvent(`${BUFFER}.speech_stopped`, { audio_end_ms: event.atMs, item_id })];
        case 'speech-timeout': {
          const { fromMs: audio_start_ms, toMs: audio_end_ms } = event;
          return [realtimeEvent(`${BUFFER}.timeout_triggered`, { audio_start_ms, audio_end_ms, item_id })];
        }
        case 'item-commit':
          return [realtimeEvent(`${BUFFER}.committed`, committed(event.item))];
        case 'text-guess':
        case 'text-delta':
        case 'segment-end':
        case 'item-end':
        case 'item-failure':
          return heardEvents(event, { item_id, content_index: 0 });
      }
    },
  };
}

type Heard = Exclude<LiveEvent, { type: `speech-${string}` | 'item-commit' }>;

function heardEvents(
  event: Heard,
  place: { readonly item_id: string; readonly content_index: number },
): object[] {
  switch (event.type) {
    case 'text-guess':
      return [];
    case 'text-delta': {
      const logprobs = event.logprobs.length > 0 ? { logprobs: event.logprobs.map(toLogprob) } : {};
      return [realtimeEvent(`${HEARD}.delta`, { ...place, delta: event.text, ...logprobs })];
    }
    case 'segment-end': {
      const { segment, startSeconds } = event;
      if (segment.speaker === undefined) return [];
      return [realtimeEvent(`${HEARD}.segment`, { ...place, ...speakerSegment(segment, startSeconds) })];
    }
    case 'item-end': {
      const { transcript, request } = event;
      const { model, prompt } = request;
      return [
        realtimeEvent(`${HEARD}.completed`, {
          ...place,
          transcript: transcript.text,
          ...(request.logprobs ? { logprobs: toLogprobs(transcript) } : {}),
          ...heardLanguages(transcript, { model }),
          usage: usageOf(transcript, { model, prompt }),
        }),
      ];
    }
    case 'item-failure': {
      const { error } = errorBody(event.error);
      // A common client listens for the second one only, and would wait for ever.
      return [
        realtimeEvent(`${HEARD}.failed`, { ...place, error }),
        realtimeEvent('error', { error: { ...error, event_id: null } }),
      ];
    }
  }
}

/** In seconds of the item. */
function speakerSegment(segment: TranscribedSegment, startSeconds: number): object {
  const inItem = (seconds: number) => Math.max(0, Math.round((seconds - startSeconds) * 1000) / 1000);
  return {
    id: `seg_${segment.id}`,
    text: segment.text,
    speaker: segment.speaker,
    start: inItem(segment.startSeconds),
    end: inItem(segment.endSeconds),
  };
}
