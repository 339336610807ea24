import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import type { Engine } from '../../src/core/engine.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { listening, storageIn } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { toneSounds } from '../tone-sounds.ts';
import { antiphon, inFolder, type Outcome } from './program.ts';

const KEY = 'a-key-of-the-test';

interface Elsewhere {
  readonly folder: string;
  /** Runs a command against the server of the test. */
  readonly run: (...args: readonly string[]) => Promise<Outcome>;
  readonly origin: string;
}

async function elsewhere(
  engines: readonly Engine[],
  use: (there: Elsewhere) => Promise<void>,
): Promise<void> {
  await inFolder((folder) =>
    listening({ engines, keys: [KEY] }, ({ origin }) =>
      use({ folder, origin, run: (...args) => antiphon([...args, '--url', origin, '--key', KEY]) }),
    ),
  );
}

/** An address at which nobody answers any more. */
async function listeningNoMore(): Promise<string> {
  let address = '';
  await listening({}, async ({ origin }) => {
    address = origin;
  });
  return address;
}

function fine({ code, stdout, stderr }: Outcome): string {
  assert.equal(code, 0, stderr);
  return stdout.toString();
}

describe('on this machine', () => {
  test('sound makes the same file again from the same seed, and music one as long as it is told', () =>
    inFolder(async (folder) => {
      const make = (name: string, ...args: readonly string[]) =>
        antiphon([...args, '-o', join(folder, name), '--json', '--data-dir', folder]);
      const [one, two, music] = await Promise.all([
        make('one.wav', 'sound', 'rain', '-d', '1', '--seed', '7'),
        make('two.wav', 'sound', 'rain', '-d', '1', '--seed', '7'),
        make('three.flac', 'music', 'a calm piano', '-d', '3'),
      ]);
      for (const outcome of [one, two, music]) fine(outcome);
      assert.deepEqual(readFileSync(join(folder, 'one.wav')), readFileSync(join(folder, 'two.wav')));
      const { seconds, formatId } = JSON.parse(music.stderr) as { seconds: number; formatId: string }; // --json promises these.
      assert.equal(seconds, 3);
      assert.equal(formatId, 'flac');
      assert.match(readFileSync(join(folder, 'three.flac')).toString('latin1'), /^fLaC/);
    }));

  test('a voice is added, found, spoken with and deleted, by whoever can read the folder, though there are keys', () =>
    inFolder(async (folder) => {
      const run = (...args: readonly string[]) => antiphon([...args, '--data-dir', folder]);
      fine(await run('keys', 'create', 'somebody'));
      const recording = join(folder, 'hamish.wav');
      fine(
        await run(
          'say',
          'I come from the north of the country, where it rains.',
          '-v',
          'rms',
          '-o',
          recording,
        ),
      );
      const id = fine(await run('voices', 'add', 'Hamish', recording, '--gender', 'male')).trim();
      const found = JSON.parse(fine(await run('voices', 'search', 'hamish', '--own', '--json'))) as unknown[];
      assert.deepEqual(found, [
        { id, name: 'Hamish', from: 'own', kind: 'added', gender: 'male', languages: [], about: '' },
      ]);
      const played = join(folder, 'played.mp3');
      const { stderr } = await run('voices', 'play', 'Hamish', '-o', played);
      assert.match(stderr, /stand-in/);
      assert.ok(readFileSync(played).length > 5000);
      assert.match(fine(await run('voices', 'list', '--owner', 'another', '--own')), /Hamish.*everybody/);
      fine(await run('voices', 'delete', id));
      assert.match(fine(await run('voices', 'list', '--own')), /no such voice/);
      assert.equal((await run('voices', 'delete', id)).code, 2);
    }));

  test('without weights transcribe says which command installs some', () =>
    inFolder(async (folder) => {
      const recording = join(folder, 'talk.wav');
      writeFileSync(recording, burstRecording({ bursts: bursts(3) }));
      const { code, stderr } = await antiphon(['transcribe', recording, '--data-dir', folder]);
      assert.notEqual(code, 0);
      assert.match(stderr, /antiphon models pull whisper/);
    }));

  test('a job that nobody does is listed and cancelled on the database alone, and another owner has none', () =>
    inFolder(async (folder) => {
      const { store } = storageIn(folder);
      const id = '6f1c0c62-5d5e-4f0e-9a0f-0d6d3f6f7a11';
      const input = { method: 'POST', url: '/openai/v1/audio/speech', headers: {} };
      await store.jobs.add(
        {
          id,
          kind: 'request',
          ownerId: 'anonymous',
          dialect: 'openai',
          model: '/v1/audio/speech',
          priority: 'interactive',
          input,
          notes: {},
          createdAt: Date.now(),
          attempts: 0,
          state: 'queued',
        },
        10,
      );
      await store.close();
      const jobs = (...args: readonly string[]) => antiphon(['jobs', ...args, '--data-dir', folder]);
      assert.match(fine(await jobs('list')), new RegExp(`${id} +queued +POST /openai/v1/audio/speech`));
      assert.match(fine(await jobs('list', '--owner', 'another')), /no jobs/);
      assert.match(fine(await jobs('cancel', id)), /state +cancelled/);
      const { code, stderr } = await jobs('cancel', id);
      assert.equal(code, 1);
      assert.match(stderr, /has ended already/);
      fine(await jobs('remove', id));
      assert.equal((await jobs('show', id)).code, 2);
    }));
});

describe('with --url', () => {
  test('say and voices play speak there, in the formats of both routes, and pass the key on', () =>
    elsewhere([toneEngine()], async ({ folder, origin, run }) => {
      for (const [name, args] of [
        ['plain.mp3', []],
        ['telephone.ulaw', []],
        ['german.wav', ['--language', 'de', '--sample-rate', '16000']],
      ] as const) {
        const file = join(folder, name);
        const { code, stderr } = await run('say', 'Hello there.', '-o', file, ...args);
        assert.equal(code, 0, stderr);
        assert.match(stderr, /tone\//);
        assert.ok(readFileSync(file).length > 1000, name);
      }
      const keyless = await antiphon(['say', 'Hi.', '-o', join(folder, 'no.mp3'), '--url', origin]);
      assert.equal(keyless.code, 1);
      assert.match(keyless.stderr, /needs an API key/);
      assert.equal(existsSync(join(folder, 'no.mp3')), false);
      const listed = JSON.parse(fine(await run('voices', 'list', '--from', 'tone', '--json'))) as unknown[];
      assert.ok(listed.length > 0);
    }));

  test('transcribe writes text, subtitles of both kinds and JSON with words, from a file and from a pipe', () =>
    elsewhere([hearingEngine({ speakers: true })], async ({ folder, origin, run }) => {
      const recording = join(folder, 'talk.wav');
      const bytes = burstRecording({ bursts: bursts(7) });
      writeFileSync(recording, bytes);
      const text = 'one two three four five. six seven.';
      assert.equal(fine(await run('transcribe', recording)), `${text}\n`);
      assert.match(
        fine(await run('transcribe', recording, '-f', 'srt')),
        /^1\n00:00:0\d,\d{3} --> .*\none two/,
      );
      const subtitles = join(folder, 'talk.vtt');
      assert.match((await run('transcribe', recording, '-o', subtitles)).stderr, /7 words/);
      assert.match(readFileSync(subtitles, 'utf8'), /^WEBVTT\n\n.*00:00:0\d\.\d{3} --> /);
      const told = JSON.parse(fine(await run('transcribe', recording, '--json'))) as {
        text: string;
        words: { text: string; startSeconds: number }[];
        servedBy: string;
      }; // --json promises these.
      assert.equal(told.text, text);
      assert.equal(told.words.length, 7);
      assert.equal(told.servedBy, 'ear/ear');
      const spoken = fine(await run('transcribe', recording, '--speakers', '--language', 'en'));
      assert.match(spoken, /^Speaker 1: one/);
      assert.equal((await run('transcribe', recording, '--speakers', 'some')).code, 2);
      assert.equal((await run('transcribe', recording, '-f', 'docx')).code, 2);
      assert.equal((await run('transcribe', join(folder, 'nothing.wav'))).code, 1);
      const piped = await antiphon(['transcribe', '-', '--url', origin, '--key', KEY], { input: bytes });
      assert.equal(fine(piped), `${text}\n`);
    }));

  test('sound and music are made there, and what no vendor has a word for is refused', () =>
    elsewhere([toneSounds()], async ({ folder, run }) => {
      const file = join(folder, 'rain.mp3');
      fine(await run('sound', 'rain', '-o', file, '-d', '1', '--loop'));
      assert.ok(readFileSync(file).length > 5000);
      const piped = await run('music', 'a waltz', '-o', '-', '-f', 'pcm', '-d', '3', '--instrumental');
      fine(piped);
      assert.ok(piped.stdout.length > 3 * 44_100 * 2 - 100);
      for (const args of [
        ['-o', join(folder, 'rain.flac')],
        ['-o', file, '--seed', '3'],
        ['-o', file, '--data-dir', folder],
      ])
        assert.equal((await run('sound', 'rain', ...args)).code, 2);
    }));

  test('a job is watched to its end with progress, and its result fetched; a failed one ends with code 1', () =>
    elsewhere([toneEngine()], async ({ folder, origin, run }) => {
      const order = async (voice: string) => {
        const answer = await fetch(`${origin}/v1/audio/speech`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            prefer: 'respond-async',
            authorization: `Bearer ${KEY}`,
          },
          body: JSON.stringify({ model: 'tts-1', voice, input: 'A job.' }),
        });
        const { id } = (await answer.json()) as { id: string }; // A 202 carries the job.
        return id;
      };
      const good = await order('alloy');
      const { code, stderr } = await run('jobs', 'watch', good);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /succeeded\n$/);
      const file = join(folder, 'job.mp3');
      fine(await run('jobs', 'result', good, '-o', file));
      assert.match(readFileSync(file).toString('latin1'), /^(ID3|\xff[\xf2\xf3\xfb])/);
      const bad = await order('nobody-at-all');
      const watched = await run('jobs', 'watch', bad, '--json');
      assert.equal(watched.code, 1);
      const states = watched.stdout.toString().trim().split('\n');
      assert.equal((JSON.parse(states.at(-1) ?? '') as { state: string }).state, 'failed'); // A line for each change.
      assert.match(watched.stderr, /failed: .*nobody-at-all/);
      assert.match(fine(await run('jobs', 'retry', bad)), /state +(queued|running|failed)/);
      const listed = JSON.parse(fine(await run('jobs', 'list', '--json', '--oldest'))) as { id: string }[];
      assert.deepEqual(
        listed.map(({ id }) => id),
        [good, bad],
      );
    }));

  test('bench measures each model that is there and names those that fail', () =>
    elsewhere([toneEngine(), hearingEngine(), toneSounds({ failAfterChunks: 0 })], async ({ run }) => {
      const { results } = JSON.parse(fine(await run('bench', '--rounds', '1', '--json'))) as {
        results: { model: string; capability: string; realTimeFactor?: number; failure?: string }[];
      }; // --json promises these.
      const speech = results.find(({ capability }) => capability === 'speech');
      const hearing = results.find(({ capability }) => capability === 'transcription');
      const sound = results.find(({ capability }) => capability === 'sound');
      assert.ok((speech?.realTimeFactor ?? 0) > 0);
      assert.ok((hearing?.realTimeFactor ?? 0) > 0);
      assert.match(sound?.failure ?? '', /broke/);
      assert.match(
        fine(await run('bench', '--rounds', '1', '--capability', 'speech', '--markdown')),
        /^\| tone\/tone \| speech \| \d+/m,
      );
    }));

  test('a server that is not there, and one that is no Antiphon, are told in a line', () =>
    inFolder(async (folder) => {
      const address = await listeningNoMore();
      const gone = await antiphon(['jobs', 'list', '--url', address]);
      assert.equal(gone.code, 1);
      assert.match(
        gone.stderr,
        /^antiphon: http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*\n$/,
      );
      assert.equal((await antiphon(['jobs', 'list', '--url', 'localhost'])).code, 2);
      assert.equal((await antiphon(['jobs', 'list', '--key', 'k', '--data-dir', folder])).code, 2);
    }));
});

describe('the shell', () => {
  test('--help groups the commands, and output that is no terminal has no colours', async () => {
    const help = fine(await antiphon(['--help']));
    for (const heading of ['The server:', 'Making media:', 'What is there:', 'Data:'])
      assert.ok(help.includes(`\n${heading}\n`), heading);
    for (const command of [
      'serve',
      'say',
      'transcribe',
      'sound',
      'music',
      'models',
      'voices',
      'keys',
      'jobs',
      'bench',
      'doctor',
      'migrate',
      'completion',
    ])
      assert.match(help, new RegExp(`^  ${command}\\b`, 'm'));
    assert.ok(!help.includes('\u001B'));
  });

  test('bash completes commands, those below them, and their options', async () => {
    const script = fine(await antiphon(['completion', 'bash']));
    const complete = (...words: readonly string[]) =>
      execFileSync('bash', [
        '-c',
        `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _antiphon; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        ...words,
      ])
        .toString()
        .trim()
        .split('\n');
    assert.deepEqual(complete('antiphon', 'tr'), ['transcribe']);
    assert.deepEqual(complete('antiphon', 'jobs', 're'), ['result', 'retry', 'remove']);
    assert.deepEqual(complete('antiphon', 'voices', 'list', '--gen'), ['--gender']);
    assert.deepEqual(complete('antiphon', 'jobs', '--url', 'jobs'), ['']);
  });

  const shells = (process.env['PATH'] ?? '').split(delimiter);
  for (const shell of ['zsh', 'fish']) {
    const found = shells.some((folder) => existsSync(join(folder, shell)));
    test(
      `${shell} can read its completion`,
      { skip: found ? false : `${shell} is not installed` },
      async () => {
        const script = fine(await antiphon(['completion', shell]));
        execFileSync(shell, ['-n'], { input: script });
      },
    );
  }

  test('every command has its line in each script, and another shell is refused', async () => {
    const commands = JSON.parse(fine(await antiphon(['completion', 'bash', '--json']))) as {
      words: string[];
    }[]; // --json promises these.
    const [zsh, fish] = [await antiphon(['completion', 'zsh']), await antiphon(['completion', 'fish'])].map(
      fine,
    );
    for (const { words } of commands) {
      assert.ok(zsh?.includes(`\n    '${words.join(':')}')\n`), words.join(' '));
      if (words.length > 0) assert.ok(fish?.includes(`'${words.join(' ')}'`), words.join(' '));
    }
    assert.equal((await antiphon(['completion', 'csh'])).code, 2);
  });
});
