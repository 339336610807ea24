import { ask, origin } from '../connection.ts';
import { linesOfTokens, type Transcript, type WireToken } from './transcript.ts';

/** What is told of a dictation. */
export interface DictationReports {
  /** What has been understood so far; it may still change. */
  readonly onText: (text: string) => void;
}

/** Speech that is written down while it is spoken. */
export interface Dictation {
  readonly send: (samples: Int16Array<ArrayBuffer>) => void;
  /** Ends it, and gives the whole text with the times of its words. */
  readonly finish: () => Promise<Transcript>;
  readonly close: () => void;
}

/** How the sound is written and heard. */
export interface DictationWish {
  readonly model: string;
  readonly language: string;
  readonly sampleRate: number;
}

interface WireMessage {
  readonly message_type: string;
  readonly text?: string;
  readonly words?: readonly WireToken[];
  readonly error?: string;
}

/** Opens a socket, with a token that is good once, for a page cannot put its key into the head of one. */
export async function openDictation(wish: DictationWish, { onText }: DictationReports): Promise<Dictation> {
  const { token }: { token: string } = await (
    await ask('/v1/single-use-token/realtime_scribe', { method: 'POST' })
  ).json();
  const socket = new WebSocket(addressOf(wish, token));
  const { promise: whole, resolve, reject } = Promise.withResolvers<Transcript>();
  const opened = Promise.withResolvers<void>();
  const fail = (reason: string) => {
    const error = new Error(reason);
    reject(error);
    opened.reject(error);
    socket.close();
  };
  // Whoever waits is told; nobody has to wait.
  whole.catch(() => undefined);
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const { message_type: type, text = '', words = [], error }: WireMessage = JSON.parse(data);
    if (error !== undefined) fail(error);
    else if (type === 'session_started') opened.resolve();
    else if (type === 'partial_transcript') onText(text);
    else if (type === 'committed_transcript_with_timestamps') resolve({ text, lines: linesOfTokens(words) });
  });
  socket.addEventListener('close', ({ reason }) => fail(reason || 'The line to the server was cut.'));
  await opened.promise;
  return {
    send: (samples) => sendChunk(socket, wish, { samples, commit: false }),
    finish: async () => {
      sendChunk(socket, wish, { samples: new Int16Array(), commit: true });
      try {
        return await whole;
      } finally {
        socket.close();
      }
    },
    close: () => socket.close(),
  };
}

function addressOf({ model, language }: DictationWish, token: string): string {
  const query = new URLSearchParams({
    model_id: model,
    audio_format: 'pcm_16000',
    commit_strategy: 'manual',
    include_timestamps: 'true',
    token,
    ...(language === '' ? {} : { language_code: language }),
  });
  return `${origin.replace(/^http/, 'ws')}/v1/speech-to-text/realtime?${query.toString()}`;
}

function sendChunk(
  socket: WebSocket,
  { sampleRate }: DictationWish,
  { samples, commit }: { readonly samples: Int16Array<ArrayBuffer>; readonly commit: boolean },
): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const audio = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  socket.send(
    JSON.stringify({
      message_type: 'input_audio_chunk',
      audio_base_64: audio,
      sample_rate: sampleRate,
      commit,
    }),
  );
}
