import {
  eventReply,
  jsonReply,
  textOf,
  type FakeProfile,
  type FakeReply,
  type FakeRequest,
} from './fake-server.ts';

const TEXT = ' The north wind and the sun were disputing.';
const WORDS = TEXT.trim().split(' ');
const MODEL = 'openai/whisper-large-v3-turbo';

/** Seconds of a WAV file with 16-bit samples in one channel and a head of 44 bytes. */
function wavSeconds(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (bytes.length - 44) / 2 / view.getUint32(24, true);
}

function timedWords(seconds: number) {
  const each = seconds / WORDS.length;
  return WORDS.map((word, index) => ({ word, start: index * each, end: (index + 1) * each }));
}

function segment(seconds: number) {
  return {
    id: 0,
    seek: 0,
    start: 0,
    end: seconds,
    text: TEXT,
    tokens: [50_364, 440],
    temperature: 0,
    avg_logprob: -0.2,
    compression_ratio: 1.1,
    no_speech_prob: 0.01,
  };
}

/** vLLM with Whisper: a duration that is text, a usage object, and chunks of its own when it streams. */
const vllmWhisper: FakeProfile = {
  id: 'vllm-whisper',
  title: `vLLM with ${MODEL}`,
  answer: (request) => {
    const { path, fields } = request;
    if (path === '/health') return { type: 'text/plain', body: '' };
    if (path === '/v1/models') return jsonReply({ object: 'list', data: [{ id: MODEL }] });
    if (path === '/metrics') {
      const body = `vllm:num_requests_running{model_name="${MODEL}"} 1.0\nvllm:num_requests_waiting{model_name="${MODEL}"} 3.0\n`;
      return { type: 'text/plain', body };
    }
    const translates = path === '/v1/audio/translations';
    if (path !== '/v1/audio/transcriptions' && !translates) return jsonReply({ detail: 'Not Found' }, 404);
    if (fields['model'] !== undefined && fields['model'] !== MODEL) {
      const message = `The model ${textOf(fields['model'])} does not exist.`;
      return jsonReply({ error: { message, type: 'NotFoundError', param: 'model', code: 404 } }, 404);
    }
    return hearAsVllm(request, translates);
  },
};

function hearAsVllm({ fields, files }: FakeRequest, translates: boolean): FakeReply {
  const [file] = files;
  if (!file)
    return jsonReply(
      { error: { message: 'no file', type: 'BadRequestError', param: 'file', code: 400 } },
      400,
    );
  const seconds = wavSeconds(file.bytes);
  const object = translates ? 'translation.chunk' : 'transcription.chunk';
  if (fields['stream'] === 'true') {
    const chunks = WORDS.map((word, index) => ({
      id: 'trsc-1',
      object,
      choices: [{ delta: { content: index === 0 ? word : ` ${word}` } }],
    }));
    return eventReply([...chunks, '[DONE]']);
  }
  if (fields['response_format'] !== 'verbose_json')
    return jsonReply({ text: TEXT.trim(), usage: { type: 'duration', seconds: Math.ceil(seconds) } });
  const wantsWords = [fields['timestamp_granularities[]']].flat().includes('word');
  return jsonReply({
    duration: seconds.toFixed(2),
    language: 'en',
    text: TEXT.trim(),
    segments: [segment(seconds)],
    ...(wantsWords ? { words: timedWords(seconds) } : {}),
  });
}

/** The server of whisper.cpp: English names of languages, words inside segments, refusals as plain text. */
const whispercpp: FakeProfile = {
  id: 'whisper.cpp',
  title: 'the server of whisper.cpp',
  slots: 1,
  answer: ({ path, fields, files }) => {
    if (path === '/health') return jsonReply({ status: 'ok' });
    if (path !== '/inference') return { status: 404, type: 'text/plain', body: 'File Not Found (/)' };
    const [file] = files;
    const head = file ? Buffer.from(file.bytes).toString('latin1', 0, 4) : '';
    // WAV, MP3, FLAC and Ogg; nothing else without ffmpeg.
    if (!file || !/^(RIFF|fLaC|OggS|ID3)/.test(head))
      return { status: 400, type: 'text/plain', body: 'Invalid request' };
    return hearAsWhispercpp(fields, wavSeconds(file.bytes));
  },
};

function hearAsWhispercpp(fields: Readonly<Record<string, unknown>>, seconds: number): FakeReply {
  const format = fields['response_format'] ?? 'json';
  if (format === 'json') return jsonReply({ text: TEXT });
  if (format === 'text') return { type: 'text/html', body: TEXT };
  if (format === 'srt')
    return { type: 'application/x-subrip', body: `1\n00:00:00,000 --> 00:00:01,000\n${TEXT}\n` };
  if (format === 'vtt') return { type: 'text/vtt', body: `WEBVTT\n\n00:00.000 --> 00:01.000\n${TEXT}\n` };
  const words = timedWords(seconds).map((word) => ({
    ...word,
    word: ` ${word.word}`,
    t_dtw: -1,
    probability: 0.9,
  }));
  return jsonReply({
    task: fields['translate'] === 'true' ? 'translate' : 'transcribe',
    language: 'english',
    duration: seconds,
    text: TEXT,
    segments: [{ ...segment(seconds), words }],
    detected_language: 'english',
  });
}

/** Servers that hear. */
export const hearingFakes: readonly FakeProfile[] = [vllmWhisper, whispercpp];
