import { Command } from 'commander';
import { ANY_MODEL } from '../core/models/model-catalog.ts';
import type { SoundRequest, SoundSetting } from '../core/sound/sound.ts';
import { whileShowing } from './activity-line.ts';
import { factsOf, maker, tellWarnings, type AnswerFacts } from './answer-facts.ts';
import { CommandFailure } from './command-failure.ts';
import { ask } from './command-server.ts';
import { withLocalEngines } from './local-engines.ts';
import { bytesIn, FORMAT_ENDINGS, formatFor, writeOutput } from './output-file.ts';
import {
  addressIn,
  numberIn,
  textIn,
  withReachedServer,
  withServer,
  type Options,
} from './server-options.ts';
import { outputFormatName } from './speech-asking.ts';

type Kind = SoundRequest['kind'];

/** Formats that ElevenLabs' routes of sound and music have words for. */
const REMOTE_FORMATS: readonly string[] = ['mp3', 'opus', 'pcm', 'mulaw', 'alaw'];

/** Sounds have more above the speech band than the usual rates of speech hold. */
const SOUND_RATES: Readonly<Record<string, number>> = { pcm: 44_100 };

/** `antiphon sound`: makes a sound effect. */
export function soundCommand(): Command {
  const command = new Command('sound')
    .argument('<description>', 'what is to be heard')
    .description('Make a sound effect from a description');
  return withPiece(command)
    .option('-d, --duration <seconds>', '0.5 to 30; chosen for the sound when absent')
    .option('--loop', 'Have the end lead back into the beginning')
    .option('--influence <share>', 'how closely the description is followed, up to 1')
    .action((prompt: string, options: Options) => make({ kind: 'effect', prompt, options }));
}

/** `antiphon music`: makes a piece of music. */
export function musicCommand(): Command {
  const command = new Command('music')
    .argument('<description>', 'what kind of music, with which instruments, how fast, in which mood')
    .description('Make music from a description');
  return withPiece(command)
    .option('-d, --duration <seconds>', '3 to 600; chosen for the music when absent')
    .option('--instrumental', 'Nobody sings')
    .action((prompt: string, options: Options) => make({ kind: 'music', prompt, options }));
}

function withPiece(command: Command): Command {
  const formats = [...new Set(Object.values(FORMAT_ENDINGS))].join(', ');
  const made = command
    .requiredOption(
      '-o, --output <file>',
      'where the sound goes; its ending names the format, - writes to standard output',
    )
    .option('-f, --format <id>', `format, when the file name does not tell: ${formats}`)
    .option('-m, --model <name>', 'any model that makes it; the best that is here when absent')
    .option(
      '--seed <number>',
      'the same sound comes again; not with --url, where no vendor has a word for it',
    );
  return withServer(made);
}

interface Piece {
  readonly kind: Kind;
  readonly prompt: string;
  readonly options: Options;
}

type Told = AnswerFacts & {
  readonly formatId: string;
  readonly byteLength: number;
  readonly seconds?: number;
  readonly seed?: number;
};

async function make(piece: Piece): Promise<void> {
  const { options } = piece;
  const output = String(options['output']);
  const format = formatFor(output, textIn(options, 'format'));
  const told =
    addressIn(options) === undefined
      ? await makeHere(piece, { output, format })
      : await makeThere(piece, { output, format });
  // On standard error, because the sound may go to standard output.
  if (options['json'] === true) {
    console.error(JSON.stringify({ file: output, ...told }));
    return;
  }
  const length = told.seconds === undefined ? '' : `${told.seconds} s, `;
  const seed = told.seed === undefined ? '' : `, seed ${told.seed}`;
  console.error(`${output}: ${length}${told.byteLength} bytes, ${maker(told)}${seed}`);
  tellWarnings(told);
}

interface Target {
  readonly output: string;
  readonly format: string;
}

function makeHere(piece: Piece, { output, format }: Target): Promise<Told> {
  const request = requestFrom(piece, { output, format });
  return withLocalEngines(piece.options, async (core, context) => {
    const result = await whileShowing(titleOf(piece), () => core.sound.make(request, context));
    const byteLength = await writeOutput(output, result.chunks);
    const { servedBy, standIn, warnings, formatId, durationSeconds: seconds, seed } = result;
    return {
      formatId,
      byteLength,
      servedBy,
      standIn,
      warnings,
      ...(seconds === undefined ? {} : { seconds }),
      ...(seed === undefined ? {} : { seed }),
    };
  });
}

function requestFrom({ kind, prompt, options }: Piece, { output, format }: Target): SoundRequest {
  const seed = numberIn(options, 'seed');
  const wishes = [
    ['duration', '--duration', numberIn(options, 'duration')],
    ['prompt_influence', '--influence', numberIn(options, 'influence')],
    ['loop', '--loop', options['loop']],
    ['instrumental', '--instrumental', options['instrumental']],
    ['seed', '--seed', seed],
  ] as const satisfies readonly (readonly [SoundSetting, string, unknown])[];
  const [[, , seconds], [, , influence]] = wishes;
  return {
    kind,
    prompt,
    model: textIn(options, 'model') ?? ANY_MODEL,
    format: { id: format },
    delivery: output === '-' ? 'stream' : 'whole',
    asked: wishes.flatMap(([setting, parameter, value]) =>
      value === undefined ? [] : [{ setting, parameter, value }],
    ),
    spelling: { prompt: '<description>', model: '--model', format: '--format' },
    ...(seconds === undefined ? {} : { durationSeconds: seconds }),
    ...(influence === undefined ? {} : { promptInfluence: influence }),
    ...(seed === undefined ? {} : { seed }),
    ...(options['loop'] === true ? { loop: true } : {}),
    ...(options['instrumental'] === true ? { instrumental: true } : {}),
  };
}

function makeThere(piece: Piece, { output, format }: Target): Promise<Told> {
  const { kind, options } = piece;
  const name = REMOTE_FORMATS.includes(format) ? outputFormatName(format, SOUND_RATES[format]) : undefined;
  if (name === undefined)
    throw new CommandFailure(`With --url, the formats are ${REMOTE_FORMATS.join(', ')}, not ${format}.`, 2);
  if (options['seed'] !== undefined) throw new CommandFailure('--seed does not go with --url.', 2);
  const { path, json } = kind === 'effect' ? effectCall(piece) : musicCall(piece);
  return withReachedServer(options, async (server, signal) => {
    const asking = { path: `${path}?output_format=${name}`, json, signal };
    const answer = await whileShowing(titleOf(piece), () => ask(server, asking));
    const byteLength = await writeOutput(output, bytesIn(answer));
    return { ...factsOf(answer), formatId: format, byteLength };
  });
}

function effectCall({ prompt, options }: Piece) {
  const [seconds, influence] = [numberIn(options, 'duration'), numberIn(options, 'influence')];
  return {
    path: '/elevenlabs/v1/sound-generation',
    json: {
      text: prompt,
      model_id: textIn(options, 'model') ?? ANY_MODEL,
      ...(seconds === undefined ? {} : { duration_seconds: seconds }),
      ...(influence === undefined ? {} : { prompt_influence: influence }),
      ...(options['loop'] === true ? { loop: true } : {}),
    },
  };
}

function musicCall({ prompt, options }: Piece) {
  const seconds = numberIn(options, 'duration');
  return {
    path: '/elevenlabs/v1/music',
    json: {
      prompt,
      model_id: textIn(options, 'model') ?? ANY_MODEL,
      ...(seconds === undefined ? {} : { music_length_ms: Math.round(seconds * 1000) }),
      ...(options['instrumental'] === true ? { force_instrumental: true } : {}),
    },
  };
}

function titleOf({ kind }: Pick<Piece, 'kind'>): string {
  return kind === 'effect' ? 'Making a sound' : 'Making music';
}
