import { decodeAlaw } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { alawFormat } from './alaw-format.ts';

describeFormatContract(alawFormat, decodeAlaw, [{ sampleRate: 8000 }]);
