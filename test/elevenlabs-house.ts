import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { listening, type TestAppOptions } from './support.ts';
import { toneSounds, type ToneSounds } from './tone-sounds.ts';

/** The vendor's official client, and the server and engine that it reaches. */
export interface SoundCaller {
  readonly client: ElevenLabsClient;
  readonly origin: string;
  readonly engine: ToneSounds;
  /** How many requests the client has sent: it repeats what it thinks worth repeating. */
  readonly sent: () => number;
}

/** Lends a client of a server that makes tones, for as long as it is used. */
export async function callingForSounds(
  use: (caller: SoundCaller) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  const engine = toneSounds();
  await listening({ engines: [engine], ...options }, async ({ origin }) => {
    let sent = 0;
    const client = new ElevenLabsClient({
      apiKey: 'any',
      baseUrl: origin,
      fetch: (input, init) => {
        sent += 1;
        return fetch(input, init);
      },
    });
    await use({ client, origin, engine, sent: () => sent });
  });
}

/** All bytes of an answer of the client. */
export async function readBytes(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}
