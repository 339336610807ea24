import { setTimeout as pause } from 'node:timers/promises';
import * as fc from 'fast-check';
import { AppError } from '../../src/base/errors.ts';
import { decodePoolLoad } from '../../src/media/decoders/decode-pool.ts';
import { decodeWhole } from '../decode-support.ts';
import { damaged, damages, type RealFile } from './torture-files.ts';
import { seedOf } from './torture-routes.ts';
import type { Tally } from './torture-report.ts';

/** Longer than a stuck decoder is waited for. */
const PATIENCE_MS = 40_000;
const LIMITS = { maxSeconds: 30, maxChannels: 8, maxSampleRate: 192_000 };

/** What is decoded. */
export interface DecoderCampaign {
  readonly files: readonly RealFile[];
  readonly seed: number;
  readonly runs: number;
  readonly deadline: number;
  readonly tally: Tally;
}

/** Gives damaged recordings to the decoder threads themselves: sound within the limits comes back, or a clear refusal. */
export async function tortureDecoders({
  files,
  seed,
  runs,
  deadline,
  tally,
}: DecoderCampaign): Promise<void> {
  const recordings = files.filter(({ kind }) => kind === 'recording');
  for (const file of recordings) {
    const route = `decoder of ${file.name}`;
    const other = fc.constantFrom(...recordings);
    let told = '';
    const one = async ([done, { bytes }]: readonly [Parameters<typeof damaged>[1], RealFile]) => {
      const begun = performance.now();
      const broken = damaged(file.bytes, done, bytes);
      const fault = await faultOf(broken);
      tally.count(route, { status: fault === 'refused' ? 400 : 200, ms: performance.now() - begun });
      if (fault === undefined || fault === 'refused' || tally.knows({ route, fault, seed, curl: '' })) return;
      told = broken.toString('base64');
      throw new Error(fault);
    };
    const result = await fc.check(fc.asyncProperty(fc.tuple(damages, other), one), {
      seed: seedOf(route, seed),
      numRuns: Math.ceil(runs / recordings.length),
      interruptAfterTimeLimit: Math.max(1, (deadline - Date.now()) / 2),
      markInterruptAsFailure: false,
    });
    if (result.failed && told !== '') {
      const fault = result.errorInstance instanceof Error ? result.errorInstance.message : 'fails';
      tally.report({ route, fault, seed, curl: `the file in base64: ${told}` });
    }
  }
  // One may still be under way where the time was over in the middle of it.
  for (const end = Date.now() + PATIENCE_MS; decodePoolLoad().decodings > 0 && Date.now() < end;)
    await pause(50);
  const { decodings } = decodePoolLoad();
  if (decodings > 0)
    tally.report({ route: 'decoders', fault: `${decodings} are never given back`, seed, curl: '' });
}

async function faultOf(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const { samples, audio } = await decodeWhole(bytes, { mono: true, sampleRate: 16_000, limits: LIMITS });
    if (samples.length > (LIMITS.maxSeconds + 1) * 16_000) return `${audio.codec} gives more than is taken`;
    return samples.every((sample) => Number.isFinite(sample)) ? undefined : `${audio.codec} gives no numbers`;
  } catch (error) {
    if (error instanceof AppError && ['unsupported_media', 'payload_too_large'].includes(error.code))
      return 'refused';
    return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  }
}
