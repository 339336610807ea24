import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { CodeSample } from '../../web/src/code/code-sample.ts';
import { speechSamples } from '../../web/src/code/speech-code.ts';
import type { SpeechWish } from '../../web/src/speech/speech-wish.ts';
import { decodeMp3, decodeWav } from '../contracts/decode-audio.ts';
import { noCurl, noPython } from '../programs-there.ts';
import { listening } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const run = promisify(execFile);
const KEY = 'sk-of-the-test';

/** Everything that a shell, a JSON parser or a language could trip over. */
const TEXT = 'It\'s "five" $HOME `ls` \\n ${x} 100%\nÅ 語!';

const wishes: Readonly<Record<string, SpeechWish>> = {
  OpenAI: {
    dialect: 'openai',
    model: 'tts-1',
    voice: 'alloy',
    text: TEXT,
    format: 'mp3',
    settings: { speed: 2 },
  },
  ElevenLabs: {
    dialect: 'elevenlabs',
    model: 'eleven_multilingual_v2',
    voice: 'tone/low',
    text: TEXT,
    format: 'mp3_44100_64',
    settings: { 'voice_settings.speed': 2, seed: 7, language_code: 'en', 'voice_settings.stability': 0.5 },
  },
  'Eigen AI': {
    dialect: 'eigen',
    model: 'higgs2p5',
    voice: 'Linda',
    text: TEXT,
    format: 'wav',
    settings: { 'voice_settings.speed': 2, 'sampling.temperature': 0.4 },
  },
};

function sampleOf(
  wish: SpeechWish,
  title: string,
  language: CodeSample['language'],
  origin = 'http://h',
): string {
  const found = speechSamples(wish, origin).find((one) => one.vendor === title && one.language === language);
  return found?.code ?? assert.fail(`no ${language} for ${title}`);
}

describe('code for a speech', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'antiphon-samples-'));
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a sample as somebody would and gives the file that it leaves. */
  async function filedBy(program: string, args: readonly string[], name: string): Promise<Buffer> {
    const cwd = mkdtempSync(join(folder, 'run-'));
    symlinkSync(join(folder, 'node_modules'), join(cwd, 'node_modules'));
    await run(program, [...args], { cwd, env: { ...process.env, ANTIPHON_KEY: KEY } });
    return readFileSync(join(cwd, name));
  }

  for (const [title, wish] of Object.entries(wishes)) {
    const name = title === 'Eigen AI' ? 'speech.wav' : 'speech.mp3';
    const decode = title === 'Eigen AI' ? decodeWav : decodeMp3;
    const check = async (language: 'curl' | 'TypeScript') => {
      const engine = toneEngine();
      await listening({ engines: [engine], keys: [KEY] }, async ({ origin }) => {
        const code = sampleOf(wish, title, language, origin);
        const source = join(folder, `${wish.dialect}.mts`);
        writeFileSync(source, code);
        const bytes = await (language === 'curl'
          ? filedBy('sh', ['-c', code], name)
          : filedBy(process.execPath, [source], name));
        const raw = { sampleRate: title === 'ElevenLabs' ? 44_100 : 24_000, channels: 1 } as const;
        const { frames, sampleRate } = await decode(bytes, raw);
        const seconds = engine.asked.reduce((sum, { text, speed }) => sum + (text.length * 0.05) / speed, 0);
        assert.ok(frames / sampleRate > seconds * 0.8, `${frames / sampleRate} of ${seconds} s`);
      });
      const spoken = engine.asked.map(({ text }) => text).join(' ');
      for (const part of ['$HOME', '`ls`', '${x}', 'Å 語']) assert.ok(spoken.includes(part), spoken);
      for (const { speed } of engine.asked) assert.equal(speed, 2);
      if (title === 'ElevenLabs')
        assert.ok(engine.asked.every((one) => one.seed === 7 && one.voice === 'tone/low'));
    };

    test(`the shell command for ${title} runs as it stands and asks for what is set`, { skip: noCurl }, () =>
      check('curl'),
    );
    test(`the TypeScript for ${title} runs as it stands and asks for what is set`, () => check('TypeScript'));
    test(`the Python for ${title} is Python`, { skip: noPython }, () => {
      const parse = 'import ast, sys; ast.parse(sys.stdin.read())';
      execFileSync('python3', ['-c', parse], { input: sampleOf(wish, title, 'Python') });
    });
  }

  test('what one vendor has no words for is left out of its code, and what it has other words for is translated', () => {
    const wish = wishes['ElevenLabs'] ?? assert.fail();
    const openai = sampleOf(wish, 'OpenAI', 'Python');
    assert.match(openai, /voice="tone\/low"/);
    assert.match(openai, /model="tts-1"/);
    assert.match(openai, /response_format="mp3"/);
    assert.match(openai, /speed=2/);
    assert.doesNotMatch(openai, /stability|seed|language_code/);
    const eigen = sampleOf(wish, 'Eigen AI', 'Python');
    assert.match(eigen, /"voice_settings": \{\s+"speed": 2,\s+\}/);
    const own = sampleOf({ ...wish, model: 'flite/flite' }, 'OpenAI', 'curl');
    assert.match(own, /"model": "flite\/flite"/);
  });
});
