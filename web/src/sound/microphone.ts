// The bundler makes a file of it and gives its address.
// oxlint-disable-next-line import/default
import workletUrl from './microphone-worklet.ts?worker&url';

/** A microphone that is being listened to. */
export interface Microphone {
  /** Hertz of the samples. */
  readonly sampleRate: number;
  /** Resolves when the last sample has been handed over. */
  readonly stop: () => Promise<void>;
}

/** The highest rate that recordings here have. */
const MOST_HERTZ = 48_000;

/** Begins to listen, in answer to a click or a key. Samples lie between -1 and 1. Throws with the reason in words. */
export async function openMicrophone(
  onSound: (samples: Float32Array<ArrayBuffer>) => void,
): Promise<Microphone> {
  const stream = await askForMicrophone();
  const context = contextFor();
  const end = async () => {
    for (const track of stream.getTracks()) track.stop();
    if (context.state !== 'closed') await context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
  } catch (error) {
    await end();
    throw error;
  }
  const node = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0, channelCount: 1 });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  node.port.addEventListener('message', ({ data }: MessageEvent<Float32Array<ArrayBuffer> | 'end'>) => {
    if (data === 'end') resolve();
    else onSound(data);
  });
  node.port.start();
  context.createMediaStreamSource(stream).connect(node);
  return {
    sampleRate: context.sampleRate,
    stop: async () => {
      node.port.postMessage('end');
      await ended;
      await end();
    },
  };
}

async function askForMicrophone(): Promise<MediaStream> {
  if (!isSecureContext) {
    throw new Error(
      'Browsers give a page the microphone only over https or on localhost. Choose a recording instead, or put TLS in front of this server.',
    );
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'The browser was not allowed to use the microphone.';
  if (name === 'NotFoundError') return 'There is no microphone.';
  return `The microphone cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}

/** At the rate of the machine: not every browser brings a microphone to another one. */
function contextFor(): AudioContext {
  const usual = new AudioContext();
  if (usual.sampleRate <= MOST_HERTZ) return usual;
  void usual.close();
  return new AudioContext({ sampleRate: MOST_HERTZ });
}
