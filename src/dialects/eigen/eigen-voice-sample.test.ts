import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FormFile } from '../parse-form.ts';
import { checkSampleFile } from './eigen-voice-sample.ts';

function sample(bytes: Uint8Array, head = bytes): FormFile {
  return {
    field: 'audio_prompt_file',
    filename: 'sample',
    mediaType: 'application/octet-stream',
    media: { kind: 'bytes', bytes },
    head,
  };
}

/** A WAVE file of silence at 8 kHz with a LIST chunk of odd length before its data. */
function silentWav(seconds: number, statedBytes = seconds * 16_000): Uint8Array {
  const header = Buffer.from(
    `RIFF\0\0\0\0WAVEfmt ${'\0'.repeat(20)}LIST\x03\0\0\0abc\0data\0\0\0\0`,
    'latin1',
  );
  header.writeUInt32LE(16, 16);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt32LE(statedBytes, header.length - 4);
  return Uint8Array.from(Buffer.concat([header, Buffer.alloc(seconds * 16_000)]));
}

const latin = (text: string) => Uint8Array.from(Buffer.from(text.padEnd(32, '\0'), 'latin1'));

for (const [name, bytes] of Object.entries({
  wav: silentWav(1),
  'mp3 with a tag': latin('ID3\x04'),
  'bare mp3': Uint8Array.of(0xff, 0xfb, 0x90, 0x64),
  adts: Uint8Array.of(0xff, 0xf1, 0x50, 0x80),
  ogg: latin('OggS'),
  flac: latin('fLaC'),
  m4a: latin('\0\0\0\x20ftypM4A '),
})) {
  test(`takes ${name} for audio`, () => checkSampleFile(sample(bytes), { maxSeconds: 30 }));
}

for (const [name, bytes] of Object.entries({
  nothing: new Uint8Array(0),
  text: latin('this is not audio'),
  'an AVI film': latin('RIFF\0\0\0\0AVI '),
  'a JPEG picture': Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
  'set bits': new Uint8Array(64).fill(0xff),
  'one byte': Uint8Array.of(0xff),
})) {
  test(`does not take ${name} for audio`, () => {
    assert.throws(() => checkSampleFile(sample(bytes), {}), {
      code: 'invalid_request',
      param: 'audio_prompt_file',
    });
  });
}

test('measures a WAV sample by its headers, also where a stream left the length open', () => {
  checkSampleFile(sample(silentWav(30)), { maxSeconds: 30 });
  checkSampleFile(sample(silentWav(31)), {});
  for (const bytes of [silentWav(31), silentWav(31, 0xffff_ffff)]) {
    assert.throws(() => checkSampleFile(sample(bytes), { maxSeconds: 30 }), /31\.0 s and may last 30 s/);
    const start = bytes.subarray(0, 100);
    assert.throws(() => checkSampleFile(sample(bytes, start), { maxSeconds: 30 }), /31\.0 s/);
  }
});
