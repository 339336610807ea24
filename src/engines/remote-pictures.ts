import type { ImageEvent } from '../core/image/image-engine.ts';
import { MessageStream } from './message-stream.ts';

/** What is done for one picture, and what it may tell meanwhile. */
export type PictureWork = (signal: AbortSignal, tell: (fraction: number) => void) => Promise<Uint8Array>;

/** A picture that a server elsewhere makes, as events. Leaving them ends the work. */
export async function* pictureEvents(signal: AbortSignal, work: PictureWork): AsyncGenerator<ImageEvent> {
  const left = new AbortController();
  const events = new MessageStream<ImageEvent>();
  events.onClose(() => left.abort());
  const begin = async () => {
    try {
      const tell = (fraction: number) => events.push({ type: 'progress', fraction });
      const bytes = await work(AbortSignal.any([signal, left.signal]), tell);
      events.push({ type: 'image-end', bytes });
      events.end();
    } catch (error) {
      events.fail(error instanceof Error ? error : new Error(String(error)));
    }
  };
  void begin();
  yield* events;
}
