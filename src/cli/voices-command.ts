import { basename } from 'node:path';
import { Command } from 'commander';
import { whileShowing } from './activity-line.ts';
import { factsOf, maker, tellWarnings } from './answer-facts.ts';
import { CommandFailure } from './command-failure.ts';
import { ask, askJson, fieldsOf } from './command-server.ts';
import { bytesIn, formatFor, readableFile, writeOutput } from './output-file.ts';
import {
  printJson,
  textIn,
  withOwner,
  withReachedServer,
  withServer,
  type Options,
} from './server-options.ts';
import { askForSpeech } from './speech-asking.ts';
import { textTable } from './text-table.ts';
import { findVoices, type VoiceFilter } from './voice-list.ts';

const SAMPLE_TEXT = 'Good morning. The quick brown fox jumps over the lazy dog, and nobody minds.';

/** `antiphon voices list|search|add|delete|play`. */
export function voicesCommand(): Command {
  const voices = new Command('voices').description('List, search, add, delete and try voices');
  const commands = [listCommand(), searchCommand(), addCommand(), deleteCommand(), playCommand()];
  for (const command of commands) voices.addCommand(withOwner(withServer(command)));
  return voices;
}

function withFilter(command: Command): Command {
  return command
    .option('-l, --language <code>', 'such as de or en-GB; voices that speak any language fit')
    .option('--gender <gender>', 'female, male or neutral')
    .option('--from <name>', 'own, an engine, or the vendor that made the name known')
    .option('--own', 'Only those that were added');
}

function listCommand(): Command {
  return withFilter(new Command('list').description('List all voices')).action((options: Options) =>
    showVoices([], options),
  );
}

function searchCommand(): Command {
  const command = new Command('search')
    .argument('<words...>', 'all of them stand somewhere in what is known of the voice')
    .description('Find voices by words');
  return withFilter(command).action((words: readonly string[], options: Options) =>
    showVoices(
      words.flatMap((word) => word.split(/\s+/)),
      options,
    ),
  );
}

async function showVoices(words: readonly string[], options: Options): Promise<void> {
  const filter: VoiceFilter = {
    words,
    language: textIn(options, 'language'),
    gender: textIn(options, 'gender'),
    from: textIn(options, 'from'),
    own: options['own'] === true,
  };
  await withReachedServer(options, async (server, signal) => {
    const found = await findVoices(server, filter, signal);
    if (options['json'] === true) {
      printJson(found);
      return;
    }
    if (found.length === 0) {
      console.log('There is no such voice.');
      return;
    }
    const rows = found.map((voice) => [
      voice.id,
      voice.name,
      voice.from,
      voice.gender,
      voice.languages.join(' '),
      voice.about,
    ]);
    console.log(textTable(['id', 'name', 'from', 'gender', 'languages', 'about'], rows));
  });
}

function addCommand(): Command {
  return new Command('add')
    .argument('<name>', 'how it is to be called')
    .argument('<recordings...>', 'files in which only that person speaks')
    .option('--description <text>', 'what it is like')
    .option('-l, --language <code>', 'what is spoken in the recordings')
    .option('--gender <gender>', 'female, male or neutral')
    .option('--denoise', 'Take noise out of the recordings first')
    .description('Add a voice from recordings; whose voice it is must have agreed')
    .action((name: string, files: readonly string[], options: Options) => addVoice(name, files, options));
}

async function addVoice(name: string, files: readonly string[], options: Options): Promise<void> {
  const form = new FormData();
  form.append('name', name);
  for (const file of files) form.append('files', await readableFile(file), basename(file));
  const description = textIn(options, 'description');
  if (description !== undefined) form.append('description', description);
  const labels = Object.fromEntries(
    ['language', 'gender'].flatMap((label) => {
      const value = textIn(options, label);
      return value === undefined ? [] : [[label, value]];
    }),
  );
  form.append('labels', JSON.stringify(labels));
  if (options['denoise'] === true) form.append('remove_background_noise', 'true');
  await withReachedServer(options, async (server, signal) => {
    const answer = await whileShowing('Listening to the recordings', () =>
      ask(server, { path: '/elevenlabs/v1/voices/add', form, signal }),
    );
    const id = String(fieldsOf(await answer.json())['voice_id']);
    const facts = factsOf(answer);
    if (options['json'] === true) {
      printJson({ id, name, warnings: facts.warnings });
      return;
    }
    console.log(id);
    tellWarnings(facts);
  });
}

function deleteCommand(): Command {
  return new Command('delete')
    .argument('<id>', 'id of a voice that was added')
    .description('Delete a voice and its recordings')
    .action((id: string, options: Options) =>
      withReachedServer(options, async (server, signal) => {
        const path = `/elevenlabs/v1/voices/${encodeURIComponent(id)}`;
        await askJson(server, { method: 'DELETE', path, signal });
        if (options['json'] === true) printJson({ id, deleted: true });
        else console.log(`Voice ${id} is deleted.`);
      }),
    );
}

function playCommand(): Command {
  return new Command('play')
    .argument('<voice>', 'any name or id that "voices list" shows')
    .argument('[text]', 'what it is to say', SAMPLE_TEXT)
    .requiredOption('-o, --output <file>', 'where the sound goes; - pipes it into a player')
    .option('-f, --format <id>', 'format, when the file name does not tell')
    .option('-m, --model <name>', 'any speech model name')
    .description('Let a voice say something, into a file or a player')
    .action((voice: string, text: string, options: Options) => playVoice({ voice, text }, options));
}

async function playVoice(
  { voice, text }: { readonly voice: string; readonly text: string },
  options: Options,
): Promise<void> {
  const output = String(options['output']);
  const format = formatFor(output, textIn(options, 'format'));
  const spoken = { text, voice, format, model: textIn(options, 'model') };
  if (text.trim() === '') throw new CommandFailure('There is nothing to say.', 2);
  await withReachedServer(options, async (server, signal) => {
    const answer = await whileShowing('Speaking', () => askForSpeech(server, spoken, signal));
    const byteLength = await writeOutput(output, bytesIn(answer));
    const facts = factsOf(answer);
    // On standard error, because the sound may go to standard output.
    if (options['json'] === true) {
      console.error(JSON.stringify({ file: output, formatId: format, byteLength, ...facts }));
      return;
    }
    console.error(`${output}: ${byteLength} bytes, ${maker(facts)}`);
    tellWarnings(facts);
  });
}
