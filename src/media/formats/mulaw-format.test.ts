import { decodeMulaw } from '../../../test/contracts/decode-audio.ts';
import { describeFormatContract } from '../../../test/contracts/format-contract.ts';
import { mulawFormat } from './mulaw-format.ts';

describeFormatContract(mulawFormat, decodeMulaw, [{ sampleRate: 8000 }]);
