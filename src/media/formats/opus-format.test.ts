import { decodeOpus } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { opusFormat } from './opus-format.ts';

describeFormatContract(opusFormat, decodeOpus, [
  { sampleRate: 24000 },
  { sampleRate: 48000, bitRate: 32000 },
  { sampleRate: 48000, bitRate: 64000 },
  { sampleRate: 48000, bitRate: 96000 },
  { sampleRate: 48000, bitRate: 128000 },
  { sampleRate: 48000, bitRate: 192000 },
  { sampleRate: 16000 },
  { sampleRate: 8000 },
  { sampleRate: 48000, bitRate: 128000, channels: 2 },
]);
