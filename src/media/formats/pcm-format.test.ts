import { decodePcm } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { pcmFormat } from './pcm-format.ts';

describeFormatContract(pcmFormat, decodePcm, [
  { sampleRate: 24000 },
  { sampleRate: 8000 },
  { sampleRate: 16000 },
  { sampleRate: 22050 },
  { sampleRate: 32000 },
  { sampleRate: 44100 },
  { sampleRate: 48000 },
  { sampleRate: 44100, channels: 2 },
]);
