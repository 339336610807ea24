import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command } from 'commander';
import { assemble } from '../assembly.ts';
import { toAppError } from '../base/errors.ts';
import { randomHex } from '../base/ids.ts';
import { ANYBODY } from '../core/context.ts';
import { ANY_MODEL } from '../core/models/model-catalog.ts';
import type { SpeechRequest, SpeechResult } from '../core/speech/speech.ts';
import { describeWarning } from '../core/warning.ts';
import { createLogger } from '../platform/log.ts';
import { CommandFailure } from './command-failure.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

const FORMATS: Readonly<Record<string, string>> = {
  '.mp3': 'mp3',
  '.wav': 'wav',
  '.opus': 'opus',
  '.ogg': 'opus',
  '.aac': 'aac',
  '.flac': 'flac',
  '.pcm': 'pcm',
  '.raw': 'pcm',
  '.ulaw': 'mulaw',
  '.alaw': 'alaw',
};

/** `antiphon say`: speaks into a file without a server. */
export function sayCommand(): Command {
  const command = new Command('say')
    .argument('<text>', 'what to say; - reads it from standard input')
    .description('Speak a text into a file, without a server')
    .requiredOption(
      '-o, --output <file>',
      'where the sound goes; its ending names the format, - writes to standard output',
    )
    .option(
      '-f, --format <id>',
      `format, when the file name does not tell: ${[...new Set(Object.values(FORMATS))].join(', ')}`,
    )
    .option('-v, --voice <name>', 'any voice of any dialect or engine')
    .option('-m, --model <name>', 'any speech model name')
    .option('-l, --language <code>', 'language of the text; found out when absent')
    .option('-s, --speed <factor>', '1 is natural; the pitch stays')
    .option('-r, --sample-rate <hertz>', 'sample rate of the sound; the engine’s own when absent')
    .option('--json', 'Print what happened as JSON');
  return withSettings(command, ['dataDir', 'modelsDir', 'engines', 'workers']).action(
    (text: string, options: Options) => say(text, options),
  );
}

async function say(text: string, options: Options): Promise<void> {
  const output = String(options['output']);
  const config = settingsFrom(options);
  const assembly = await assemble(config, { log: createLogger('silent'), environment: process.env });
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    const request = requestFrom(text === '-' ? await readAll(process.stdin) : text, options);
    const result = await assembly.core.speech.speak(request, {
      requestId: randomHex(16),
      principal: { ...ANYBODY, name: 'command line' },
      dialect: 'cli',
      signal: interrupted.signal,
      log: assembly.core.log,
      strict: false,
    });
    const byteLength =
      output === '-' ? await writeTo(process.stdout, result) : await writeFile(output, result);
    report({ output, result, byteLength, json: options['json'] === true });
  } catch (error) {
    const failure = toAppError(error);
    throw failure.code === 'internal'
      ? error
      : new CommandFailure(failure.message, failure.status < 500 ? 2 : 1);
  } finally {
    await assembly.stop();
  }
}

function requestFrom(text: string, options: Options): SpeechRequest {
  const speed = optionalNumber(options, 'speed');
  const sampleRate = optionalNumber(options, 'sampleRate');
  const { voice, language } = options;
  return {
    model: String(options['model'] ?? ANY_MODEL),
    text,
    voice: voice === undefined ? { kind: 'default' } : { kind: 'id', id: String(voice) },
    format: { id: formatFrom(options), ...(sampleRate === undefined ? {} : { sampleRate }) },
    delivery: options['output'] === '-' ? 'stream' : 'whole',
    normalization: 'auto',
    alignment: false,
    asked: speed === undefined ? [] : [{ setting: 'speed', parameter: '--speed', value: speed }],
    spelling: { text: '<text>', voice: '--voice', model: '--model', format: '--format' },
    ...(speed === undefined ? {} : { speed }),
    ...(language === undefined ? {} : { language: String(language) }),
  };
}

function optionalNumber(options: Options, name: string): number | undefined {
  const given = options[name];
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new CommandFailure(
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} must be a number above 0, not '${given}'.`,
    2,
  );
}

function formatFrom(options: Options): string {
  const named = options['format'] ?? FORMATS[extname(String(options['output'])).toLowerCase()];
  if (named !== undefined) return String(named);
  throw new CommandFailure(
    `The ending of '${String(options['output'])}' names no format. Known: ${Object.keys(FORMATS).join(' ')}; or use --format.`,
    2,
  );
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  let text = '';
  input.setEncoding('utf8');
  for await (const chunk of input) text += String(chunk);
  return text;
}

async function writeTo(stream: NodeJS.WritableStream, result: SpeechResult): Promise<number> {
  let byteLength = 0;
  for await (const chunk of result.chunks) {
    byteLength += chunk.length;
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  return byteLength;
}

/** Writes beside the target first, so that a failure never leaves half a file under its name. */
async function writeFile(path: string, result: SpeechResult): Promise<number> {
  const unfinished = `${path}.part`;
  try {
    const stream = createWriteStream(unfinished);
    const byteLength = await writeTo(stream, result);
    stream.end();
    await once(stream, 'finish');
    await rename(unfinished, path);
    return byteLength;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

interface Report {
  readonly output: string;
  readonly result: SpeechResult;
  readonly byteLength: number;
  readonly json: boolean;
}

function report(facts: Report): void {
  const { result } = facts;
  const seconds = Math.round(result.secondsSoFar() * 100) / 100;
  if (facts.json) {
    const { servedBy, voiceId, standIn, warnings, formatId, characters } = result;
    console.error(
      JSON.stringify({
        file: facts.output,
        formatId,
        seconds,
        byteLength: facts.byteLength,
        characters,
        servedBy,
        voiceId,
        standIn,
        warnings,
      }),
    );
    return;
  }
  console.error(
    `${facts.output}: ${seconds} s, ${facts.byteLength} bytes, ${result.voiceId}${result.standIn ? ' as a stand-in' : ''}`,
  );
  for (const warning of result.warnings) console.error(describeWarning(warning));
}
