import type { Kit } from '../kit-row.ts';
import { expectSpeech, speakByJson, unservedByEigen } from './eigen-judging.ts';
import { EIGEN_GENERAL_ROWS } from './eigen-general-rows.ts';
import { EIGEN_HEARING_ROWS } from './eigen-hearing-rows.ts';
import { EIGEN_PICTURE_ROWS } from './eigen-picture-rows.ts';
import { EIGEN_SPEECH_ROWS } from './eigen-speech-rows.ts';
import { EIGEN_VOICE_ROWS } from './eigen-voice-rows.ts';

/** Eigen AI's API: whatever its one route makes, uploaded voices, the socket and the older paths. */
export const EIGEN_KIT: Kit = {
  id: 'eigen',
  usualPath: '',
  // The other models belong to the rows: what they take is different.
  models: { chat: 'gpt-oss-120b' },
  rows: [
    ...EIGEN_SPEECH_ROWS,
    ...EIGEN_HEARING_ROWS,
    ...EIGEN_VOICE_ROWS,
    ...EIGEN_PICTURE_ROWS,
    ...EIGEN_GENERAL_ROWS,
  ],
  credentials: (key) => ({ authorization: `Bearer ${key}` }),
  unserved: unservedByEigen,
  leftBy: () => [],
  speak: async (probe) => {
    const reply = await speakByJson(probe, 'higgs2p5');
    await expectSpeech(reply);
    return reply.bytes;
  },
};
