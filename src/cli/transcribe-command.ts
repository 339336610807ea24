import { basename, extname } from 'node:path';
import { Command } from 'commander';
import { ANY_MODEL } from '../core/models/model-catalog.ts';
import { whileShowing } from './activity-line.ts';
import { factsOf, maker, tellWarnings, type AnswerFacts } from './answer-facts.ts';
import { CommandFailure } from './command-failure.ts';
import { ask } from './command-server.ts';
import { readableFile, readInput, writeOutput } from './output-file.ts';
import { textIn, withReachedServer, withServer, type Options } from './server-options.ts';
import {
  readTranscript,
  transcriptText,
  type HeardTranscript,
  type TranscriptFormat,
} from './transcript-text.ts';

const FORMATS = ['text', 'srt', 'vtt', 'json'] as const satisfies readonly TranscriptFormat[];

/** As ElevenLabs' route takes it. */
const MOST_SPEAKERS = 32;

/** `antiphon transcribe`: writes down what is said in a recording. */
export function transcribeCommand(): Command {
  const command = new Command('transcribe')
    .argument('<recording>', 'any sound or film file; - reads it from standard input')
    .description('Write down what is said in a recording')
    .option('-o, --output <file>', 'where the transcript goes; its ending may name the format', '-')
    .option('-f, --format <id>', `${FORMATS.join(', ')}; text when nothing tells`)
    .option('-l, --language <code>', 'language that is spoken; found out when absent')
    .option('-m, --model <name>', 'any model that hears; the best that is here when absent')
    .option('-s, --speakers [number]', 'tell speakers apart; how many there are, where that is known');
  return withServer(command).action((recording: string, options: Options) => transcribe(recording, options));
}

async function transcribe(recording: string, options: Options): Promise<void> {
  const output = String(options['output']);
  const format = transcriptFormat(output, options);
  const form = await formFrom(recording, { format, options });
  await withReachedServer(options, async (server, signal) => {
    const path = '/elevenlabs/v1/speech-to-text';
    const { transcript, facts } = await whileShowing('Listening', async () => {
      const answer = await ask(server, { path, form, signal });
      return { transcript: readTranscript(await answer.json()), facts: factsOf(answer) };
    });
    const text = transcriptText(format, { transcript, facts });
    await writeOutput(output, oneChunk(text));
    if (output !== '-') tellFile(output, transcript, facts);
    if (format !== 'json') tellWarnings(facts);
  });
}

function transcriptFormat(output: string, options: Options): TranscriptFormat {
  const named = textIn(options, 'format');
  if (named === undefined && options['json'] === true) return 'json';
  const ending = extname(output).slice(1).toLowerCase();
  const wanted = named ?? (ending === '' || ending === 'txt' ? 'text' : ending);
  const format = FORMATS.find((one) => one === wanted);
  if (format !== undefined) return format;
  throw new CommandFailure(
    named === undefined
      ? `The ending of '${output}' names no format. Known: .txt .srt .vtt .json; or use --format.`
      : `--format is one of ${FORMATS.join(', ')}, not '${named}'.`,
    2,
  );
}

/** Subtitles that two short lines hold and that nobody has to hurry to read. */
const SUBTITLE_CUTS = {
  segment_on_silence_longer_than_s: 0.8,
  max_segment_duration_s: 6,
  max_segment_chars: 84,
} as const;

interface Wish {
  readonly format: TranscriptFormat;
  readonly options: Options;
}

async function formFrom(recording: string, { format, options }: Wish): Promise<FormData> {
  const { speakers } = options;
  const cuts = format === 'srt' || format === 'vtt' ? SUBTITLE_CUTS : {};
  const segments = { format: 'segmented_json', include_speakers: speakers !== undefined, ...cuts };
  const fields = {
    model_id: textIn(options, 'model') ?? ANY_MODEL,
    timestamps_granularity: 'word',
    additional_formats: JSON.stringify([segments]),
    language_code: textIn(options, 'language'),
    diarize: speakers === undefined ? undefined : 'true',
    num_speakers: speakerCount(speakers),
  };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
  form.append('file', await openRecording(recording), recording === '-' ? 'recording' : basename(recording));
  return form;
}

function speakerCount(given: string | boolean | undefined): string | undefined {
  if (given === undefined || given === true) return undefined;
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SPEAKERS) return String(count);
  throw new CommandFailure(`--speakers is a number from 1 to ${MOST_SPEAKERS}, not '${given}'.`, 2);
}

async function openRecording(path: string): Promise<Blob> {
  return path === '-' ? new Blob([Buffer.from(await readInput())]) : readableFile(path);
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function tellFile(output: string, { words, language }: HeardTranscript, facts: AnswerFacts): void {
  const count = words.filter(({ text }) => text.trim() !== '').length;
  console.error(
    `${output}: ${count} words${language === undefined ? '' : ` (${language})`}, ${maker(facts)}`,
  );
}
