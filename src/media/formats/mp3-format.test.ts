import { decodeMp3 } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { mp3Format } from './mp3-format.ts';

describeFormatContract(mp3Format, decodeMp3, [
  { sampleRate: 24000 },
  { sampleRate: 22050, bitRate: 32000 },
  { sampleRate: 24000, bitRate: 48000 },
  { sampleRate: 44100, bitRate: 32000 },
  { sampleRate: 44100, bitRate: 64000 },
  { sampleRate: 44100, bitRate: 96000 },
  { sampleRate: 44100, bitRate: 128000 },
  { sampleRate: 44100, bitRate: 192000 },
  { sampleRate: 48000, bitRate: 128000 },
  { sampleRate: 48000, bitRate: 192000 },
  { sampleRate: 48000, bitRate: 320000 },
  { sampleRate: 8000 },
  { sampleRate: 16000 },
  { sampleRate: 44100, bitRate: 128000, channels: 2 },
]);
