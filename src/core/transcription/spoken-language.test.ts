import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearingEngine } from '../../../test/hearing-engine.ts';
import { present } from '../../base/assert.ts';
import { heardLanguage, namedLanguage, settleLanguage } from './spoken-language.ts';
import type { TranscriptionRequest } from './transcription.ts';

const card = present(hearingEngine().models[0], 'the card of the ear');
const GERMAN = 'Ich habe heute nicht sehr viel Zeit, aber wir können morgen über das alles sprechen.';
const ENGLISH = 'And so my fellow Americans, ask not what your country can do for you.';

const request: TranscriptionRequest = {
  model: 'whisper-1',
  audio: { kind: 'bytes', bytes: new Uint8Array(0) },
  task: 'transcribe',
  wordTimes: false,
  logprobs: false,
  diarize: false,
  knownSpeakers: [],
  asked: [],
  spelling: { audio: 'file', model: 'model', language: 'language' },
};

test('the caller knows best', () => {
  assert.deepEqual(namedLanguage({ ...request, language: 'fr' }), {
    language: 'fr',
    languageSource: 'caller',
  });
  assert.deepEqual(namedLanguage(request), {});
});

test('a model counts only for windows in which it heard something', () => {
  const window = { segments: [], language: 'cy', languageProbability: 0.3 };
  assert.deepEqual(heardLanguage(window, []), {});
  assert.deepEqual(heardLanguage(window, ['Bore da.']), {
    language: 'cy',
    languageSource: 'model',
    languageProbability: 0.3,
  });
  assert.deepEqual(heardLanguage({ segments: [] }, ['words']), {});
});

test('where nobody told, words that leave no doubt do', () => {
  for (const [text, language] of [
    [GERMAN, 'de'],
    [ENGLISH, 'en'],
    ['Привет, как дела?', 'ru'],
  ] as const) {
    assert.deepEqual(settleLanguage({ request, told: {}, text, card }), { language, languageSource: 'text' });
  }
  for (const text of ['', '1234', 'Tokyo', 'one two three.', 'Pasta alla carbonara'])
    assert.deepEqual(settleLanguage({ request, told: {}, text, card }), {}, text);
});

test('words never overrule whoever told', () => {
  const told = { language: 'en', languageSource: 'model' } as const;
  assert.deepEqual(settleLanguage({ request, told, text: GERMAN, card }), told);
});

test('no language is read from the words that the model cannot hear', () => {
  const deaf = { ...card, languages: ['en', 'fr'] };
  assert.deepEqual(settleLanguage({ request, told: {}, text: GERMAN, card: deaf }), {});
});

test('a translation is English, and nothing is said about the language before it', () => {
  const told = { language: 'de', languageSource: 'model', languageProbability: 0.9 } as const;
  const translation: TranscriptionRequest = { ...request, task: 'translate' };
  assert.deepEqual(settleLanguage({ request: translation, told, text: ENGLISH, card }), { language: 'en' });
});
