import { Command } from 'commander';
import { ANY_MODEL } from '../core/models/model-catalog.ts';
import type { SpeechRequest } from '../core/speech/speech.ts';
import { whileShowing } from './activity-line.ts';
import { factsOf, maker, tellWarnings, type AnswerFacts } from './answer-facts.ts';
import { withLocalEngines } from './local-engines.ts';
import { bytesIn, FORMAT_ENDINGS, formatFor, readInput, writeOutput } from './output-file.ts';
import {
  addressIn,
  numberIn,
  textIn,
  withReachedServer,
  withServer,
  type Options,
} from './server-options.ts';
import { askForSpeech } from './speech-asking.ts';

/** `antiphon say`: speaks into a file, without a server or by one. */
export function sayCommand(): Command {
  const command = new Command('say')
    .argument('<text>', 'what to say; - reads it from standard input')
    .description('Speak a text into a file')
    .requiredOption(
      '-o, --output <file>',
      'where the sound goes; its ending names the format, - writes to standard output',
    )
    .option(
      '-f, --format <id>',
      `format, when the file name does not tell: ${[...new Set(Object.values(FORMAT_ENDINGS))].join(', ')}`,
    )
    .option('-v, --voice <name>', 'any voice of any dialect or engine')
    .option('-m, --model <name>', 'any speech model name')
    .option('-l, --language <code>', 'language of the text; found out when absent')
    .option('-s, --speed <factor>', '1 is natural; the pitch stays')
    .option('-r, --sample-rate <hertz>', 'sample rate of the sound; the engine’s own when absent');
  return withServer(command).action((text: string, options: Options) => say(text, options));
}

async function say(given: string, options: Options): Promise<void> {
  const output = String(options['output']);
  const format = formatFor(output, textIn(options, 'format'));
  const text = given === '-' ? Buffer.from(await readInput()).toString() : given;
  const told =
    addressIn(options) === undefined
      ? await sayHere({ text, format, output }, options)
      : await sayThere({ text, format, output }, options);
  report({ ...told, output, json: options['json'] === true });
}

interface Saying {
  readonly text: string;
  readonly format: string;
  readonly output: string;
}

type Told = AnswerFacts & {
  readonly formatId: string;
  readonly byteLength: number;
  readonly seconds?: number;
  readonly characters?: number;
};

async function sayHere(saying: Saying, options: Options): Promise<Told> {
  const request = requestFrom(saying, options);
  return withLocalEngines(options, async (core, context) => {
    const result = await whileShowing('Speaking', () => core.speech.speak(request, context));
    const byteLength = await writeOutput(saying.output, result.chunks);
    const { servedBy, voiceId, standIn, warnings, formatId, characters } = result;
    const seconds = Math.round(result.secondsSoFar() * 100) / 100;
    return { formatId, seconds, byteLength, characters, servedBy, voiceId, standIn, warnings };
  });
}

async function sayThere({ text, format, output }: Saying, options: Options): Promise<Told> {
  const spoken = {
    text,
    format,
    voice: textIn(options, 'voice'),
    model: textIn(options, 'model'),
    language: textIn(options, 'language'),
    speed: numberIn(options, 'speed'),
    sampleRate: numberIn(options, 'sampleRate'),
  };
  return withReachedServer(options, async (server, signal) => {
    const answer = await whileShowing('Speaking', () => askForSpeech(server, spoken, signal));
    const byteLength = await writeOutput(output, bytesIn(answer));
    return { ...factsOf(answer), formatId: format, byteLength };
  });
}

function requestFrom({ text, format, output }: Saying, options: Options): SpeechRequest {
  const speed = numberIn(options, 'speed');
  const sampleRate = numberIn(options, 'sampleRate');
  const [voice, language] = [textIn(options, 'voice'), textIn(options, 'language')];
  return {
    model: textIn(options, 'model') ?? ANY_MODEL,
    text,
    voice: voice === undefined ? { kind: 'default' } : { kind: 'id', id: voice },
    format: { id: format, ...(sampleRate === undefined ? {} : { sampleRate }) },
    delivery: output === '-' ? 'stream' : 'whole',
    normalization: 'auto',
    alignment: false,
    asked: speed === undefined ? [] : [{ setting: 'speed', parameter: '--speed', value: speed }],
    spelling: { text: '<text>', voice: '--voice', model: '--model', format: '--format' },
    ...(speed === undefined ? {} : { speed }),
    ...(language === undefined ? {} : { language }),
  };
}

/** On standard error, because the sound may go to standard output. */
function report({ json, output, ...told }: Told & { readonly output: string; readonly json: boolean }): void {
  if (json) {
    console.error(JSON.stringify({ file: output, ...told }));
    return;
  }
  const length = told.seconds === undefined ? '' : `${told.seconds} s, `;
  console.error(`${output}: ${length}${told.byteLength} bytes, ${maker(told)}`);
  tellWarnings(told);
}
