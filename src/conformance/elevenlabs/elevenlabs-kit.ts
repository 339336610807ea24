import { expectStatus } from '../kit-judging.ts';
import type { Kit } from '../kit-row.ts';
import { withWavHeader } from '../kit-sound.ts';
import { historyLeftBy, speak, unservedByElevenlabs } from './elevenlabs-judging.ts';
import { ELEVENLABS_LIBRARY_ROWS } from './elevenlabs-library-rows.ts';
import { ELEVENLABS_REFUSAL_ROWS } from './elevenlabs-refusal-rows.ts';
import { ELEVENLABS_SOCKET_ROWS } from './elevenlabs-socket-rows.ts';
import { ELEVENLABS_SOUND_ROWS } from './elevenlabs-sound-rows.ts';
import { ELEVENLABS_SPEECH_ROWS } from './elevenlabs-speech-rows.ts';
import { ELEVENLABS_TIMESTAMP_ROWS } from './elevenlabs-timestamp-rows.ts';
import { ELEVENLABS_TRANSCRIPTION_ROWS } from './elevenlabs-transcription-rows.ts';

/** ElevenLabs' API: speech, sounds, hearing, voices, history, dictionaries and sockets. */
export const ELEVENLABS_KIT: Kit = {
  id: 'elevenlabs',
  usualPath: '',
  // Without a name the server's own default speaks, as in a minimal call of the clients.
  models: { transcription: 'scribe_v1' },
  rows: [
    ...ELEVENLABS_SPEECH_ROWS,
    ...ELEVENLABS_TIMESTAMP_ROWS,
    ...ELEVENLABS_SOCKET_ROWS,
    ...ELEVENLABS_SOUND_ROWS,
    ...ELEVENLABS_TRANSCRIPTION_ROWS,
    ...ELEVENLABS_LIBRARY_ROWS,
    ...ELEVENLABS_REFUSAL_ROWS,
  ],
  credentials: (key) => ({ 'xi-api-key': key }),
  unserved: unservedByElevenlabs,
  leftBy: historyLeftBy,
  speak: async (probe) => {
    const reply = await speak(probe, {}, '?output_format=pcm_16000');
    expectStatus(reply, 200);
    return withWavHeader({ bytes: reply.bytes, sampleRate: 16_000 });
  },
};
