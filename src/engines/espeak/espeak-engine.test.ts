import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  describeEngineContract,
  type Heard,
  hear,
  requestContext,
  speechRequest,
} from '../../../test/contracts/engine-contract.ts';
import { present } from '../../base/assert.ts';
import type { Engine, SynthesisRequest } from '../../core/engine.ts';
import { rootMeanSquare } from '../../media/pcm.ts';
import { espeakEngine } from './espeak-engine.ts';

/** A sentence in each of many languages and scripts. */
const SENTENCES: Readonly<Record<string, string>> = {
  'en-us': 'The old clock on the wall says half past nine.',
  de: 'Die alte Uhr an der Wand zeigt halb zehn.',
  fr: 'La vieille horloge du mur indique neuf heures et demie.',
  es: 'El viejo reloj de la pared marca las nueve y media.',
  it: 'Il vecchio orologio sulla parete segna le nove e mezza.',
  'pt-br': 'O velho relógio na parede marca nove e meia.',
  nl: 'De oude klok aan de muur wijst half tien aan.',
  pl: 'Stary zegar na ścianie wskazuje wpół do dziesiątej.',
  ru: 'Старые часы на стене показывают половину десятого.',
  el: 'Το παλιό ρολόι στον τοίχο δείχνει εννέα και μισή.',
  tr: 'Duvardaki eski saat dokuz buçuğu gösteriyor.',
  ar: 'الساعة القديمة على الحائط تشير إلى التاسعة والنصف.',
  he: 'השעון הישן על הקיר מראה תשע וחצי.',
  fa: 'ساعت قدیمی روی دیوار نه و نیم را نشان می‌دهد.',
  hi: 'दीवार पर लगी पुरानी घड़ी साढ़े नौ बजा रही है।',
  th: 'นาฬิกาเก่าบนผนังบอกเวลาเก้าโมงครึ่ง',
  vi: 'Chiếc đồng hồ cũ trên tường chỉ chín giờ rưỡi.',
  ko: '벽에 걸린 낡은 시계는 아홉 시 반을 가리킨다.',
  ja: 'かべの ふるい とけいは くじはんを さしています。',
  cmn: '墙上的旧钟指着九点半。',
  yue: '牆上嘅舊鐘指住九點半。',
  sw: 'Saa ya zamani ukutani inaonyesha saa tatu na nusu.',
};

describeEngineContract(espeakEngine, {
  voice: 'espeak/en-us',
  // One of each way of writing; below, every language is spoken, and every listed voice is heard.
  voices: ['en-us', 'de+f3', 'ru', 'ar', 'hi', 'th', 'ko', 'ja', 'cmn+f3'].map((name) => `espeak/${name}`),
  sentence: (voice) => present(SENTENCES[/^espeak\/([^+]+)/.exec(voice.id)?.[1] ?? ''], voice.id),
});

describe('speech by espeak', () => {
  let engine: Engine | undefined;

  before(async () => {
    const created = await espeakEngine.create({ workers: 1 });
    assert(!('unavailable' in created));
    engine = created;
  });
  after(async () => {
    await engine?.stop?.();
  });

  const speech = () => present(engine?.speech, 'The speech engine');
  const say = (voice: string, text: string, changes: Partial<SynthesisRequest> = {}): Promise<Heard> => {
    return hear(
      speech(),
      speechRequest({ model: 'espeak/espeak', voice: `espeak/${voice}`, text, ...changes }),
    );
  };

  test('lasts as long as a person needs, in every language', async () => {
    for (const [voice, text] of Object.entries(SENTENCES)) {
      const { seconds, samples } = await say(voice, text);
      const perCharacter = seconds / Array.from(text).length;
      // One Chinese character is a syllable, often more than a letter of any alphabet.
      const most = /\p{Script=Han}/u.test(text) ? 0.4 : 0.2;
      assert(perCharacter > 0.03 && perCharacter < most, `${voice}: ${perCharacter} s per character`);
      assert(rootMeanSquare(samples) > 0.03, voice);
    }
  });

  test('is heard from every listed voice', async () => {
    const own: Readonly<Record<string, string>> = { chr: 'ᎣᏏᏲ', cv: 'Салам', sjn: 'Mae govannen' };
    for (const voice of speech().voices) {
      const text = own[present(voice.languages[0], voice.id)] ?? '1 2';
      const { seconds, samples } = await say(voice.id.slice('espeak/'.length), text);
      assert(seconds > 0.2 && seconds < 4, `${voice.id}: ${seconds} s`);
      assert(rootMeanSquare(samples) > 0.02, voice.id);
    }
  });

  test('has each word where its time says, and silence where there is none', async () => {
    const texts = [
      ['en-us', 'One, two; seven: banana. No!'],
      ['de', 'Eins, zwei; sieben: Banane. Nein!'],
      ['ru', 'Один, два, семь, банан. Нет!'],
      ['ar', 'واحد، اثنان، سبعة، موزة. لا!'],
      ['cmn', '一，二，七，香蕉。不！'],
    ] as const;
    for (const [voice, text] of texts) {
      for (const changes of [{}, { speed: 1.5 }, { pitchSemitones: 3 }]) {
        const { words, samples, sampleRate, seconds } = await say(voice, text, changes);
        const level = (from: number, to: number) =>
          rootMeanSquare(samples.subarray(Math.round(from * sampleRate), Math.round(to * sampleRate)));
        assert.equal(words.length, 5, voice);
        for (const [index, word] of words.entries()) {
          const what = `${voice} ${text.slice(word.start, word.end)} ${JSON.stringify(changes)}`;
          assert(level(word.startSeconds, word.endSeconds) > 0.02, what);
          const next = words[index + 1]?.startSeconds ?? seconds;
          // A voice dies away; the first hundredth of a second after a word is not asked to be silent.
          const gap = level(Math.min(next, word.endSeconds + 0.04), next - 0.02);
          assert(next - word.endSeconds < 0.08 || gap < 0.004, `${what}: ${gap} in the gap behind it`);
        }
      }
    }
  });

  test('is higher from women, and by as many semitones as asked', async () => {
    const text = present(SENTENCES['en-us'], 'The sentence');
    const pitch = findPitch(await say('en-us', text));
    assert(pitch > 80 && pitch < 130, `${pitch} Hz`);
    for (const voice of ['en-us+f3', 'de+f3', 'cmn+f3']) {
      const woman = findPitch(
        await say(voice, present(SENTENCES[present(voice.split('+')[0], voice)], voice)),
      );
      assert(woman > 160 && woman < 300, `${voice}: ${woman} Hz`);
    }
    for (const pitchSemitones of [-3, 4]) {
      const shift = 12 * Math.log2(findPitch(await say('en-us', text, { pitchSemitones })) / pitch);
      assert(Math.abs(shift - pitchSemitones) < 0.5, `${shift} semitones`);
    }
  });

  test('is plain text, whatever it looks like', async () => {
    const plain = await say('en-us', 'a b');
    assert((await say('en-us', 'a <break time="5s"/> b')).seconds < 5);
    const phonemes = await say('en-us', '[[h@l@U]]');
    assert(phonemes.seconds > 2 * plain.seconds, 'spelled, not pronounced');
    const command = await say('en-us', 'a\u000199Sb');
    assert.equal(command.seconds, (await say('en-us', 'a 99Sb')).seconds);
    assert.equal((await say('en-us', 'this & that')).words.length, 3);
  });

  test('names emoji where espeak knows their names, and is empty elsewhere', async () => {
    for (const voice of ['en-us', 'de', 'fr', 'ar']) {
      const { seconds, words } = await say(voice, '😀');
      assert(seconds > 0.3, `${voice}: ${seconds} s`);
      assert.deepEqual(
        words.map(({ start, end }) => [start, end]),
        [[0, 2]],
      );
    }
    assert.equal((await say('jbo', '😀')).seconds, 0);
  });

  test('warns of kanji, which it cannot read', async () => {
    const warnings = async (voice: string, text: string) => {
      const output = await speech().synthesize(speechRequest({ voice, text }), requestContext());
      return output.warnings?.map(({ setting }) => setting);
    };
    assert.deepEqual(await warnings('espeak/ja', '東京です'), ['text']);
    assert.deepEqual(await warnings('espeak/ja', 'とうきょうです'), []);
    assert.deepEqual(await warnings('espeak/cmn', '東京'), []);
  });

  test('goes to the end of 5,000 characters without a space', async () => {
    for (const [voice, character] of [
      ['en-us', 'a'],
      ['cmn', '好'],
    ] as const) {
      const text = character.repeat(voice === 'cmn' ? 1000 : 5000);
      const { words, seconds } = await say(voice, text);
      assert.equal(words.at(-1)?.end, text.length);
      assert(seconds > 30, `${seconds} s`);
    }
  });

  test('refuses a voice that it has not', async () => {
    await assert.rejects(say('de+../../phondata', 'Hallo'), { code: 'not_found' });
  });

  test('prints nothing and needs no working directory', async () => {
    const script = `
      import { espeakEngine } from ${JSON.stringify(new URL('espeak-engine.ts', import.meta.url).href)};
      const engine = await espeakEngine.create({ workers: 1 });
      const request = { model: '', voice: 'espeak/fr', language: 'fr', speed: 1, pitchSemitones: 0, alignment: false };
      const signal = new AbortController().signal;
      let frames = 0;
      for (const text of ['Bonjour.', '\\u0000', '<speak>', '東京 😀']) {
        const { pcm } = await engine.speech.synthesize({ ...request, text }, { signal });
        for await (const chunk of pcm.chunks) frames += chunk.length;
      }
      await engine.stop();
      process.exitCode = frames > 22050 ? 7 : 8;`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: tmpdir(),
    });
    await assert.rejects(run, { code: 7, stdout: '', stderr: '' });
  });
});

/** The middle fundamental frequency of the voiced parts, by autocorrelation, in hertz. */
function findPitch({ samples, sampleRate }: Heard): number {
  const length = 1024;
  const shortest = Math.round(sampleRate / 450);
  const found: number[] = [];
  for (let start = 0; start + 2 * length < samples.length; start += length) {
    const frame = samples.subarray(start, start + length);
    if (rootMeanSquare(frame) < 0.03) continue;
    const likeness = Array.from({ length: Math.round(sampleRate / 60) }, (_, lag) => {
      const later = samples.subarray(start + lag, start + lag + length);
      const product = frame.reduce((sum, sample, index) => sum + sample * (later[index] ?? 0), 0);
      return product / (length * rootMeanSquare(frame) * rootMeanSquare(later) + 1e-9);
    });
    const best = Math.max(...likeness.slice(shortest));
    // The shortest lag that fits nearly best: twice a period fits as well as one.
    const lag = likeness.findIndex(
      (value, index) =>
        index >= shortest &&
        value > 0.92 * best &&
        value >= (likeness[index - 1] ?? 0) &&
        value >= (likeness[index + 1] ?? 0),
    );
    if (best > 0.75 && lag > 0) found.push(sampleRate / lag);
  }
  return present(found.sort((a, b) => a - b)[Math.floor(found.length / 2)], 'A voiced sound');
}
