import { decodeFlac } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { flacFormat } from './flac-format.ts';

describeFormatContract(flacFormat, decodeFlac, [
  { sampleRate: 24000 },
  { sampleRate: 16000 },
  { sampleRate: 22050 },
  { sampleRate: 44100 },
  { sampleRate: 48000 },
  { sampleRate: 44100, channels: 2 },
  { sampleRate: 11025 },
]);
