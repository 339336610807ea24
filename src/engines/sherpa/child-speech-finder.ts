import { setImmediate } from 'node:timers/promises';
import sherpa, { type VoiceActivityDetector } from 'sherpa-onnx-node';
import type { SherpaCall, SherpaStart } from './sherpa-config.ts';
import { type LoadedModel, unexpectedCall } from './loaded-model.ts';

type FindSpeechCall = Extract<SherpaCall, { kind: 'find_speech' }>;

const SAMPLE_RATE = 16_000;
/** What Silero's network looks at in one step, at this rate. */
const STEP = 512;
/** The detector computes in this thread: after so many steps (16 s of sound) it listens whether it is still wanted. */
const STEPS_PER_TURN = 500;
/** How much speech the detector keeps at most; it is taken out after each turn. */
const BUFFER_SECONDS = 120;

/** Loads Silero's voice activity model. */
export async function openSpeechFinder(
  start: Extract<SherpaStart, { kind: 'voice_activity' }>,
): Promise<LoadedModel> {
  return {
    call: async (call, control) => {
      if (call.kind !== 'find_speech') throw unexpectedCall(call);
      const detector = createDetector(start, call);
      const intervals: { start: number; end: number }[] = [];
      for (let at = 0; at < call.samples.length; at += STEP * STEPS_PER_TURN) {
        if (control.signal.aborted) break;
        listen(detector, call.samples.subarray(at, at + STEP * STEPS_PER_TURN));
        intervals.push(...takeOut(detector));
        await setImmediate();
      }
      detector.flush();
      intervals.push(...takeOut(detector));
      return { kind: 'speech_found', intervals };
    },
  };
}

/** Anew for each call: a detector that was reset still counts from its first sample, and takes no other threshold. */
function createDetector(
  { model, threads }: Extract<SherpaStart, { kind: 'voice_activity' }>,
  call: FindSpeechCall,
): VoiceActivityDetector {
  return new sherpa.Vad(
    {
      sileroVad: {
        model,
        threshold: call.threshold,
        minSilenceDuration: call.minimumSilenceSeconds,
        minSpeechDuration: call.minimumSpeechSeconds,
        maxSpeechDuration: call.maximumSpeechSeconds,
        windowSize: STEP,
      },
      sampleRate: SAMPLE_RATE,
      numThreads: threads,
      provider: 'cpu',
      debug: 0,
    },
    BUFFER_SECONDS,
  );
}

function listen(detector: VoiceActivityDetector, samples: Float32Array): void {
  for (let at = 0; at < samples.length; at += STEP) detector.acceptWaveform(samples.subarray(at, at + STEP));
}

function takeOut(detector: VoiceActivityDetector): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  while (!detector.isEmpty()) {
    const { start, samples } = detector.front(false);
    found.push({ start, end: start + samples.length });
    detector.pop();
  }
  return found;
}
