import { expectStatus } from '../kit-judging.ts';
import type { Kit } from '../kit-row.ts';
import { OPENAI_GENERAL_ROWS } from './openai-general-rows.ts';
import { OPENAI_IMAGE_ROWS } from './openai-image-rows.ts';
import { SENTENCE, speak, unservedByOpenai } from './openai-judging.ts';
import { OPENAI_REALTIME_ROWS } from './openai-realtime-rows.ts';
import { OPENAI_SPEECH_ROWS } from './openai-speech-rows.ts';
import { OPENAI_HEARING_EDGE_ROWS, OPENAI_TRANSLATION_ROWS } from './openai-hearing-edge-rows.ts';
import { OPENAI_TRANSCRIPTION_ROWS } from './openai-transcription-rows.ts';
import { OPENAI_VIDEO_ROWS } from './openai-video-rows.ts';
import { OPENAI_VOICE_ROWS } from './openai-voice-rows.ts';

/** OpenAI's API: speech, hearing, pictures, films, voices and models. */
export const OPENAI_KIT: Kit = {
  id: 'openai',
  usualPath: '/v1',
  models: {
    speech: 'tts-1',
    transcription: 'whisper-1',
    image: 'gpt-image-1-mini',
    edit: 'gpt-image-1-mini',
    video: 'sora-2',
  },
  rows: [
    ...OPENAI_SPEECH_ROWS,
    ...OPENAI_TRANSCRIPTION_ROWS,
    ...OPENAI_HEARING_EDGE_ROWS,
    ...OPENAI_TRANSLATION_ROWS,
    ...OPENAI_REALTIME_ROWS,
    ...OPENAI_VOICE_ROWS,
    ...OPENAI_IMAGE_ROWS,
    ...OPENAI_VIDEO_ROWS,
    ...OPENAI_GENERAL_ROWS,
  ],
  credentials: (key) => ({ authorization: `Bearer ${key}` }),
  unserved: unservedByOpenai,
  leftBy: () => [],
  speak: async (probe) => {
    const reply = await speak(probe, { input: SENTENCE, response_format: 'wav' });
    expectStatus(reply, 200);
    return reply.bytes;
  },
};
