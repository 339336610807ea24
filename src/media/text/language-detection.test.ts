import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { detectLanguage, hasSpeakableLetters } from './language-detection.ts';

const ENGLISH = [
  'Hi',
  'OK',
  'Hello',
  'Hello world',
  'Good morning',
  'I have two cats',
  'I have 2 cats',
  'Test',
  'testing one two three',
  'Order ID 4453',
  'Chapter one',
  'Pasta alla carbonara',
  'La La Land',
  'Die Hard',
  'Le Mans 24 hours',
  'Déjà vu',
  'Win a free trip to Rio de Janeiro',
  'Angela Merkel, Emmanuel Macron, Giorgia Meloni and Pedro Sánchez',
  'Antonio Banderas and Penélope Cruz met in Málaga',
  'The quick brown fox jumps over the lazy dog',
  'She said je ne sais quoi to the man in the hat',
  'São Paulo is the largest city in Brazil',
  'Vis-à-vis the façade, a naïve café',
  'Beethoven, Mozart, Bach, Haydn, Schubert, Brahms',
  'lorem ipsum dolor sit amet',
  'Alpha Bravo Charlie Delta Echo Foxtrot',
  'Tokyo Paris Berlin Madrid Rome Lisbon Vienna',
  'Red green blue yellow orange purple',
  'Turn left, then right',
  'Click submit button',
  'Jack Sprat could eat no fat',
  'Round the rugged rocks the ragged rascal ran',
  'Peter Piper picked a peck of pickled peppers',
  'A man a plan a canal Panama',
  'Buy eggs milk bread butter cheese',
  'To be or not to be',
  'Do re mi fa so la ti do',
  'no no no no no',
  'tomato potato onion garlic pepper salt',
  'Nvidia Adobe Toyota Siemens Philips Nokia Sony',
  'The word 你好 means hello in Chinese',
  'The symbol π is Greek',
];

const OTHERS: readonly (readonly [language: string, text: string])[] = [
  ['de', 'Guten Morgen, wie geht es dir heute?'],
  ['de', 'Die Katze sitzt auf dem Tisch.'],
  ['de', 'Das ist ein kleiner Test der Stimme.'],
  ['de', 'Bitte rufen Sie mich morgen früh zurück.'],
  ['fr', 'Ceci est un petit test de la voix.'],
  ['fr', 'Bonjour, comment allez-vous aujourd’hui mes amis ?'],
  ['fr', 'Nous partons demain matin pour Paris.'],
  ['es', 'Esta es una pequeña prueba de la voz.'],
  ['es', '¿Dónde está la biblioteca más cercana?'],
  ['es', 'Mañana vamos a comer en casa de mi abuela.'],
  ['it', 'Questa è una piccola prova della voce.'],
  ['it', 'Domani andiamo al mare con gli amici.'],
  ['pt', 'Este é um pequeno teste da voz.'],
  ['pt', 'Amanhã vamos à praia com os amigos.'],
  ['nl', 'Dit is een kleine test van de stem.'],
  ['nl', 'De kat slaapt op de tafel in de keuken.'],
  ['pl', 'To jest mały test głosu w języku polskim.'],
  ['pl', 'Jutro idziemy na plażę z przyjaciółmi.'],
  ['sv', 'Det här är ett litet test av rösten.'],
  ['da', 'Dette er en lille test af stemmen og den er god.'],
  ['fi', 'Tämä on pieni testi äänelle ja se toimii hyvin.'],
  ['tr', 'Bu, sesin küçük bir testi ve çok iyi.'],
  ['ro', 'Acesta este un mic test al vocii și este foarte bun.'],
  ['hu', 'Ez egy kis teszt a hanghoz, és nagyon jó.'],
  ['cs', 'Toto je malý test hlasu a je velmi dobrý.'],
  ['vi', 'Đây là một bài kiểm tra giọng nói nhỏ.'],
  ['id', 'Ini adalah tes suara kecil yang tidak sulit.'],
];

const SCRIPTS: readonly (readonly [language: string, text: string])[] = [
  ['ru', 'Привет, как дела?'],
  ['uk', 'Привіт, як справи? Я їду додому'],
  ['bg', 'Здравей, как си? Къде е хлябът?'],
  ['ar', 'مرحبا بالعالم'],
  ['fa', 'سلام، حال شما چطور است؟'],
  ['ur', 'یہ ایک کتاب ہے'],
  ['he', 'שלום עולם'],
  ['el', 'Γειά σου Κόσμε'],
  ['hi', 'नमस्ते दुनिया'],
  ['th', 'สวัสดีชาวโลก'],
  ['ko', '안녕하세요'],
  ['ja', 'こんにちは'],
  ['ja', '東京に行きます'],
  ['zh', '你好，世界'],
  ['zh', '我用 iPhone 打电话'],
];

describe('English stays English, names and loan words or not', () => {
  for (const text of ENGLISH) test(text, () => assert.equal(detectLanguage(text)?.language, 'en'));
});

describe('finds other languages of Latin script in a whole sentence', () => {
  for (const [language, text] of OTHERS)
    test(`${language}: ${text}`, () => assert.equal(detectLanguage(text)?.language, language));
});

describe('tells languages by their script, for certain', () => {
  for (const [language, text] of SCRIPTS) {
    test(`${language}: ${text}`, () => assert.deepEqual(detectLanguage(text), { language, certain: true }));
  }
});

test('is certain of a long sentence and not of a few words', () => {
  assert.equal(
    detectLanguage('Ich habe heute nicht sehr viel Zeit, aber wir können morgen über das alles sprechen.')
      ?.certain,
    true,
  );
  assert.equal(detectLanguage('Die Katze sitzt auf dem Tisch.')?.certain, false);
  assert.equal(detectLanguage('Hello world')?.certain, false);
});

test('three words are too few to leave English', () => {
  for (const text of ['Le petit prince', 'Der blaue Reiter', 'La dolce vita', 'Das ist es'])
    assert.equal(detectLanguage(text)?.language, 'en');
});

test('knows no language of a text without letters', () => {
  for (const text of ['', '123', '😀😀', '!?…', '\0']) assert.equal(detectLanguage(text), undefined);
});

test('looks at the beginning of a text only', () => {
  const english = 'This is the text that they have read to us. '.repeat(40);
  assert.equal(detectLanguage(english + 'Привет '.repeat(10_000))?.language, 'en');
});

test('tells what can be spoken from what cannot', () => {
  for (const text of ['a', '1', '汉', 'ש', '٣', ' é ', '½'])
    assert.equal(hasSpeakableLetters(text), true, text);
  for (const text of ['', ' ', '😀', '…!?', '👨‍👩‍👧', '\0\n', '—', '\u200b'])
    assert.equal(hasSpeakableLetters(text), false, text);
});
