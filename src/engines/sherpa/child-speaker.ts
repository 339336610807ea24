import sherpa, { type Speaker } from 'sherpa-onnx-node';
import type { NativeCallControl } from '../native-child.ts';
import type { SherpaCall, SherpaStart, SherpaUpdate } from './sherpa-config.ts';
import { type LoadedModel, unexpectedCall } from './loaded-model.ts';

type SpeakCall = Extract<SherpaCall, { kind: 'speak' }>;

/** sherpa's word for a text in which it found nothing to say. */
const NOTHING_TO_SAY = /produced no audio/;

/** Loads a model that speaks. */
export async function openSpeaker(start: Extract<SherpaStart, { kind: 'speaker' }>): Promise<LoadedModel> {
  const speaker = await sherpa.OfflineTts.createAsync({
    model: { ...start.files, numThreads: start.threads, provider: 'cpu', debug: 0 },
    maxNumSentences: 1,
    ruleFsts: start.ruleFsts,
  });
  return {
    call: async (call, control) => {
      if (call.kind !== 'speak') throw unexpectedCall(call);
      await speak(speaker, call, control);
      return { kind: 'spoken' };
    },
  };
}

async function speak(
  speaker: Speaker,
  call: SpeakCall,
  control: NativeCallControl<SherpaUpdate>,
): Promise<void> {
  let given = 0;
  let over = false;
  const give = (samples: Float32Array) => {
    given += samples.length;
    return control.send({ samples });
  };
  try {
    const whole = await speaker.generateAsync({
      text: call.text,
      enableExternalBuffer: false,
      generationConfig: generationConfig(call),
      onProgress: ({ samples }) => {
        if (!over) void give(samples);
        return control.signal.aborted ? 0 : 1;
      },
    });
    over = true;
    // Some models report no progress, and reports may come later than the result.
    if (given < whole.samples.length) await give(whole.samples.slice(given));
  } catch (error) {
    if (!(error instanceof Error && NOTHING_TO_SAY.test(error.message))) throw error;
  }
}

function generationConfig({ speaker, language, reference }: SpeakCall): object {
  return {
    sid: speaker,
    speed: 1,
    // Otherwise the whole differs from its parts, because pauses are shortened in the whole only.
    silenceScale: 1,
    ...(language === undefined ? {} : { extra: { lang: language } }),
    ...(reference && {
      referenceAudio: reference.samples,
      referenceSampleRate: reference.sampleRate,
      referenceText: reference.transcript,
    }),
  };
}
