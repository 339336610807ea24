import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { toFields } from './elevenlabs-transcription-form.ts';

function fieldsOf(parts: Readonly<Record<string, readonly string[]>>): Record<string, unknown> {
  return toFields(new Map(Object.entries(parts)));
}

test('E36: of a repeated part the last one counts', () => {
  assert.deepEqual(fieldsOf({ diarize: ['true', 'false'] }), { diarize: 'false' });
});

test('E38: an empty part and one with the word null are as good as none', () => {
  const parts = {
    webhook_metadata: ['null'],
    entity_detection: ['null'],
    entity_redaction: ['null'],
    additional_formats: ['null'],
    keyterms: [''],
    seed: [' '],
  };
  assert.deepEqual(fieldsOf(parts), {});
  assert.deepEqual(fieldsOf({ seed: ['5', 'null'] }), { seed: '5' });
});

for (const [how, parts] of [
  ['repeated parts', ['Antiphon', 'Gregorian chant']],
  ['one part of JSON text', ['["Antiphon", "Gregorian chant"]']],
  ['both', ['Antiphon', '["Gregorian chant"]']],
] as const) {
  test(`key terms come as ${how}`, () => {
    assert.deepEqual(fieldsOf({ keyterms: parts }), { keyterms: ['Antiphon', 'Gregorian chant'] });
  });
}

test('E35: formats come with keys in either spelling', () => {
  const camel = fieldsOf({ additional_formats: ['[{"format":"srt","maxCharactersPerLine":20}]'] });
  const snake = fieldsOf({ additional_formats: ['[{"format": "srt", "max_characters_per_line": 20}]'] });
  assert.deepEqual(camel, { additional_formats: [{ format: 'srt', max_characters_per_line: 20 }] });
  assert.deepEqual(snake, camel);
});

test('metadata may be JSON text inside JSON text', () => {
  for (const text of ['{"order":1}', '"{\\"order\\":1}"']) {
    assert.deepEqual(fieldsOf({ webhook_metadata: [text] }), { webhook_metadata: { order: 1 } });
  }
});

for (const [name, text] of [
  ['additional_formats', '[{'],
  ['webhook_metadata', 'order'],
  ['keyterms', '["one"'],
] as const) {
  test(`broken JSON text in ${name} is blamed by name`, () => {
    assert.throws(
      () => fieldsOf({ [name]: [text] }),
      (error) => error instanceof AppError && error.param === name && error.issues[0]?.kind === 'malformed',
    );
  });
}
