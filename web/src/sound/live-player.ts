// The bundler makes a file of it and gives its address.
// oxlint-disable-next-line import/default
import workletUrl from './live-player-worklet.ts?worker&url';

/** Plays sound that is still on its way. */
export interface LivePlayer {
  readonly push: (samples: Float32Array<ArrayBuffer>) => void;
  /** Nothing more will come. */
  readonly end: () => void;
  /** Ends at once. */
  readonly stop: () => void;
  /** When everything has been heard, or it was stopped. */
  readonly finished: Promise<void>;
}

/** Must be made in answer to a click or a key: browsers let nothing else make a sound. */
export async function createLivePlayer(
  sampleRate: number,
  onTime: (seconds: number) => void,
): Promise<LivePlayer> {
  const context = new AudioContext({ sampleRate });
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    resolve();
    if (context.state !== 'closed') void context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
  } catch (error) {
    stop();
    throw error;
  }
  const node = new AudioWorkletNode(context, 'live-player', { numberOfInputs: 0, outputChannelCount: [1] });
  node.connect(context.destination);
  node.port.addEventListener('message', ({ data }: MessageEvent<{ played: number; isDone: boolean }>) => {
    if (context.state === 'closed') return;
    onTime(data.played / sampleRate);
    if (data.isDone) stop();
  });
  node.port.start();
  return {
    push: (samples) => node.port.postMessage(samples, [samples.buffer]),
    end: () => node.port.postMessage('end'),
    stop,
    finished,
  };
}
