import { connectSocket, saying, type Received } from '../../test/socket-client.ts';
import { pieces } from '../../test/live-support.ts';

/** Said by all callers that want it spoken. */
export const SENTENCE = 'The sea was calm that evening, and the lamps along the harbour had just been lit.';
/** One that ElevenLabs' users know, and that is mapped to a voice of ours. */
export const ELEVENLABS_VOICE = 'JBFqnCBsd6RMkjVDRZzb';

/** Where sockets are opened. */
interface SocketPlace {
  readonly origin: string;
}

const LEAST_BYTES = 1000;

/** Text that comes bit by bit; the sound of all of it, and a clean end. */
export async function elevenlabsSocket({ origin }: SocketPlace): Promise<void> {
  const client = await connectSocket({
    url: `${origin}/v1/text-to-speech/${ELEVENLABS_VOICE}/stream-input?output_format=pcm_24000`,
  });
  for (const text of [' ', ...SENTENCE.split(/(?<= )/), '']) client.send({ text });
  await client.until(saying('isFinal', true));
  await client.closed;
  const length = client.received.reduce((sum, message) => sum + memberOf(message, 'audio').length, 0);
  checkLength('The ElevenLabs socket', length);
}

/** Two requests, one after the other, through one socket. */
export async function eigenSocket({ origin }: SocketPlace): Promise<void> {
  const client = await connectSocket({ url: `${origin}/api/v1/generate/ws` });
  const isEnd = (message: Received) =>
    saying('type', 'complete')(message) || saying('type', 'error')(message);
  client.send({ token: 'anybody', model: 'higgs2p5' });
  for (const round of [1, 2]) {
    client.send({ text: SENTENCE, voice: 'Linda' });
    const ends = await client.until(isEnd, round);
    if (!ends.every(saying('type', 'complete')))
      throw new Error(`The Eigen AI socket: ${JSON.stringify(ends)}`);
  }
  client.socket.close();
  await client.closed;
  const length = client.received.reduce(
    (sum, message) => sum + (Buffer.isBuffer(message) ? message.length : 0),
    0,
  );
  checkLength('The Eigen AI socket', length);
}

/** Sound that is sent in pieces, 16-bit samples of 16 kHz, and heard as one turn. */
export async function openaiRealtime({ origin }: SocketPlace, sound: Buffer): Promise<void> {
  const client = await connectSocket({ url: `${origin}/v1/realtime?intent=transcription` });
  const transcription = { model: 'whisper/tiny', language: 'en' };
  const input = { format: { type: 'audio/pcm', rate: 16_000 }, transcription, turn_detection: null };
  client.send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
  for (const piece of pieces(sound, 32_000))
    client.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
  client.send({ type: 'input_audio_buffer.commit' });
  const completed = saying('type', 'conversation.item.input_audio_transcription.completed');
  const [end] = await client.until((message) => completed(message) || saying('type', 'error')(message));
  if (!end || memberOf(end, 'transcript') === '')
    throw new Error(`The OpenAI socket: ${JSON.stringify(end)}`);
  client.socket.close();
  await client.closed;
}

/** The text in a member of a message; none where there is no such member. */
function memberOf(message: Received, name: string): string {
  const value = Buffer.isBuffer(message) ? undefined : message[name];
  return typeof value === 'string' ? value : '';
}

function checkLength(who: string, bytes: number): void {
  if (bytes < LEAST_BYTES) throw new Error(`${who} gave ${bytes} bytes only`);
}
