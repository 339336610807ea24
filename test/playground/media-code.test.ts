import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, mock, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect, promisify } from 'node:util';
import type { Engine } from '../../src/core/engine.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import type { CodeSample } from '../../web/src/code/code-sample.ts';
import { imageSamples } from '../../web/src/code/image-code.ts';
import { soundSamples } from '../../web/src/code/sound-code.ts';
import { transcriptionSamples } from '../../web/src/code/transcription-code.ts';
import { videoSamples } from '../../web/src/code/video-code.ts';
import { callFor, type SoundWish } from '../../web/src/sounds/sound-wish.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { filmEngine } from '../film-engine.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { noCurl, noPython } from '../programs-there.ts';
import { paintEngine, startTools } from '../paint-engine.ts';
import { listening, testContext } from '../support.ts';
import { toneSounds } from '../tone-sounds.ts';

const run = promisify(execFile);
const KEY = 'sk-of-the-test';

/** Everything that a shell, a JSON parser or a language could trip over. */
const TEXT = 'It\'s "five" $HOME `ls` \\n ${x} 100%\nÅ 語!';

/** Forms end lines in their own way (HTML, section 4.10.21.6). */
function asSent(text: string | undefined): string | undefined {
  return text?.replaceAll('\r\n', '\n');
}

const SOUND: SoundWish = {
  kind: 'effect',
  prompt: TEXT,
  model: 'auto',
  seconds: '1',
  influence: '0.7',
  loop: true,
  instrumental: false,
  seed: '',
  format: 'mp3_44100_128',
  plan: undefined,
};

const PLAN = {
  positive_global_styles: ['slow'],
  negative_global_styles: [],
  sections: [
    {
      section_name: "It's",
      positive_local_styles: [TEXT],
      negative_local_styles: [],
      duration_ms: 3000,
      lines: [],
    },
  ],
};

const PICTURE = {
  prompt: TEXT,
  model: 'auto',
  size: '512x512',
  count: 2,
  format: 'jpeg',
  background: 'auto',
  seed: '7',
  avoid: 'people',
} as const;

const FILM = { prompt: TEXT, model: 'auto', seconds: '4', size: '1280x720', picture: undefined };
const TALK = {
  model: 'auto',
  language: 'en',
  task: 'transcribe',
  speakers: false,
  words: true,
  file: 'talk.wav',
} as const;

const given = new File([], 'given.png');
const still = { pictures: [given], mask: undefined };
const masked = { pictures: [given], mask: new Blob([]) };

/** A form of the page, and what its samples leave behind. */
interface Form {
  readonly samples: (origin: string) => readonly CodeSample[];
  /** The files that a sample of a vendor writes; none where it prints. */
  readonly writes?: (sample: CodeSample) => readonly string[];
  readonly prints?: RegExp;
  /** What the engines must have been asked for. */
  readonly check?: (engines: Engines, sample: CodeSample) => void;
}

interface Engines {
  readonly ear: ReturnType<typeof hearingEngine>;
  readonly sounds: ReturnType<typeof toneSounds>;
  readonly paint: ReturnType<typeof paintEngine>;
  readonly film: ReturnType<typeof filmEngine>;
}

const HEARD = /one two three/;
const soundOf = (wish: SoundWish) => (origin: string) => soundSamples(callFor(wish, 'tones/sound'), origin);

const forms: Readonly<Record<string, Form>> = {
  'a transcript': {
    samples: (origin) => transcriptionSamples(TALK, origin),
    prints: HEARD,
    check: ({ ear }) => assert.equal(ear.opened[0]?.language, 'en'),
  },
  'a transcript with speakers': {
    samples: (origin) => transcriptionSamples({ ...TALK, speakers: true, language: '' }, origin),
    prints: HEARD,
  },
  'a translation': {
    samples: (origin) => transcriptionSamples({ ...TALK, task: 'translate' }, origin),
    prints: HEARD,
    check: ({ ear }) => assert.equal(ear.opened[0]?.task, 'translate'),
  },
  'a sound': {
    samples: soundOf(SOUND),
    writes: () => ['sound.mp3'],
    check: ({ sounds: { asked } }) =>
      assert.deepEqual(
        [asked[0]?.prompt, asked[0]?.durationSeconds, asked[0]?.loop, asked[0]?.promptInfluence],
        [TEXT, 1, true, 0.7],
      ),
  },
  'a sound with a seed': {
    samples: soundOf({ ...SOUND, seed: '11' }),
    writes: () => ['sound.wav'],
    check: ({ sounds: { asked } }) =>
      assert.deepEqual([asked[0]?.prompt, asked[0]?.durationSeconds, asked[0]?.seed], [TEXT, 1, 11]),
  },
  music: {
    samples: soundOf({ ...SOUND, kind: 'music', seconds: '3', format: 'opus_48000_128' }),
    writes: () => ['sound.ogg'],
    check: ({ sounds: { asked } }) =>
      assert.deepEqual([asked[0]?.prompt, asked[0]?.durationSeconds], [TEXT, 3]),
  },
  'music with a plan': {
    samples: soundOf({ ...SOUND, kind: 'music', seed: '11', plan: PLAN }),
    writes: () => ['sound.mp3'],
    check: ({ sounds: { asked } }) =>
      assert.deepEqual([asked[0]?.plan?.sections[0]?.styles, asked[0]?.seed], [[TEXT], 11]),
  },
  'a picture': {
    samples: (origin) => imageSamples(PICTURE, { pictures: [], mask: undefined }, origin),
    writes: ({ vendor }) => (vendor === 'OpenAI' ? ['picture-1.jpeg', 'picture-2.jpeg'] : ['picture.jpg']),
    check: ({ paint: { asked } }) => {
      assert.deepEqual(asked[0]?.size, { width: 512, height: 512 });
      assert.deepEqual([asSent(asked[0].prompt), asked[0].seed], [TEXT, 7]);
    },
  },
  'a changed picture': {
    samples: (origin) => imageSamples(PICTURE, still, origin),
    writes: ({ vendor }) => (vendor === 'OpenAI' ? ['picture-1.jpeg', 'picture-2.jpeg'] : ['picture.jpg']),
    check: ({ paint: { asked } }) => assert.equal(asked[0]?.inputs.length, 1),
  },
  'a picture that is changed in part': {
    samples: (origin) => imageSamples({ ...PICTURE, count: 1 }, masked, origin),
    writes: () => ['picture-1.jpeg'],
    check: ({ paint: { asked } }) => assert.ok(asked[0]?.mask),
  },
  'a film': {
    samples: (origin) => videoSamples(FILM, origin),
    writes: () => ['film.mp4'],
    check: ({ film: { asked } }) =>
      assert.deepEqual(
        [asSent(asked[0]?.prompt), asked[0]?.durationSeconds, asked[0]?.size.width],
        [TEXT, 4, 1280],
      ),
  },
  'a film that begins with a picture': {
    samples: (origin) => videoSamples({ ...FILM, picture: new File([], 'frame.png') }, origin),
    writes: () => ['film.mp4'],
    check: ({ film: { asked } }) => assert.ok(asked[0]?.firstFrame),
  },
};

describe('code for recordings, sounds, pictures and films', () => {
  let folder = '';
  let samplesRun = 0;
  const { cwd, env } = { cwd: process.cwd(), env: process.env['ANTIPHON_KEY'] };
  let tools: Awaited<ReturnType<typeof startTools>>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'antiphon-media-code-'));
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
    tools = await startTools();
    // Threads begin with what this process began with, also where that is a path from here.
    symlinkSync(join(cwd, 'test'), join(folder, 'test'));
    process.chdir(folder);
    process.env['ANTIPHON_KEY'] = KEY;
    writeFileSync(join(folder, 'talk.wav'), burstRecording({ bursts: bursts(3) }));
    writeFileSync(join(folder, 'given.png'), await png(512, 512, 255));
    writeFileSync(join(folder, 'mask.png'), await png(512, 512, 0));
    writeFileSync(join(folder, 'frame.png'), await png(1280, 720, 255));
  });
  after(async () => {
    process.chdir(cwd);
    if (env === undefined) delete process.env['ANTIPHON_KEY'];
    else process.env['ANTIPHON_KEY'] = env;
    rmSync(folder, { recursive: true, force: true });
    await tools.stop?.();
    await stopDecodePool();
  });

  async function png(width: number, height: number, alpha: number): Promise<Uint8Array> {
    const pixels = new Uint8Array(width * height * 4).fill(alpha);
    const image = { width, height, pixels };
    return (await tools.imageTools.write(image, { format: { id: 'png' } }, testContext())).bytes;
  }

  async function runs(form: Form, isWanted: (sample: CodeSample) => boolean): Promise<void> {
    const engines = {
      ear: hearingEngine({ speakers: true }),
      sounds: toneSounds(),
      paint: paintEngine(),
      film: filmEngine({ withoutFrames: true }),
    };
    const list: readonly Engine[] = [...Object.values(engines), tools];
    await listening({ engines: list, keys: [KEY] }, async ({ origin }) => {
      for (const sample of form.samples(origin).filter(isWanted)) {
        for (const { asked } of [engines.sounds, engines.paint, engines.film]) asked.length = 0;
        engines.ear.opened.length = 0;
        const files = form.writes?.(sample) ?? [];
        for (const name of files) rmSync(join(folder, name), { force: true });
        const title = `${sample.vendor}: ${sample.code}`;
        const printed = await runSample(sample);
        if (form.prints) assert.match(printed, form.prints, title);
        for (const name of files)
          assert.ok(readFileSync(join(folder, name)).length > 10, `${name}, ${title}`);
        form.check?.(engines, sample);
      }
    });
  }

  /** What a sample prints. */
  async function runSample({ language, code }: CodeSample): Promise<string> {
    if (language === 'curl') return (await run('sh', ['-ec', code], { cwd: folder })).stdout;
    samplesRun += 1;
    const source = join(folder, `sample-${samplesRun}.mts`);
    writeFileSync(source, code);
    // Within this process, for the vendors' clients take seconds to load.
    const log = mock.method(console, 'log', () => undefined);
    try {
      await import(pathToFileURL(source).href);
      return log.mock.calls
        .flatMap(({ arguments: printed }) => printed)
        .map((one) => inspect(one))
        .join('\n');
    } finally {
      log.mock.restore();
    }
  }

  for (const [title, form] of Object.entries(forms)) {
    test(`the shell commands for ${title} run as they stand and ask for what is set`, { skip: noCurl }, () =>
      runs(form, ({ language }) => language === 'curl'),
    );
    test(`the TypeScript for ${title} runs as it stands and asks for what is set`, () =>
      runs(form, ({ language }) => language === 'TypeScript'));
  }

  test('all of the Python is Python', { skip: noPython }, () => {
    const codes = Object.values(forms)
      .flatMap(({ samples: of }) => of('http://h'))
      .flatMap(({ language, code }) => (language === 'Python' ? [code] : []));
    const parse = 'import ast, json, sys\nfor code in json.load(sys.stdin): ast.parse(code)';
    execFileSync('python3', ['-c', parse], { input: JSON.stringify(codes) });
    assert.equal(codes.length, 20);
  });

  test('all of the TypeScript fits the types of the vendors’ own clients', async () => {
    const samples = Object.values(forms)
      .flatMap(({ samples: of }) => of('http://h'))
      .filter(({ language }) => language === 'TypeScript');
    const files = samples.map(({ code }, at) => {
      const name = join(folder, `typed-${at}.mts`);
      writeFileSync(name, code);
      return name;
    });
    const flags = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--skipLibCheck'];
    const compiler = join(import.meta.dirname, '../../node_modules/.bin/tsc');
    const { stdout } = await run(compiler, [...flags, '--types', 'node', ...files], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    assert.equal(stdout, '');
  });
});
