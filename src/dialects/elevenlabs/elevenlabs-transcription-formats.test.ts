import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import { clockTime } from './elevenlabs-transcription-cues.ts';
import { additionalFormat } from './elevenlabs-transcription-formats.ts';
import type { ExportOptions } from './elevenlabs-transcription-schema.ts';
import type { TranscriptToken } from './elevenlabs-transcription-words.ts';

/** Words of 0.4 s, each with its start, speaker and segment. */
function said(
  ...words: readonly (readonly [text: string, start: number, speaker?: string, segment?: number])[]
) {
  const tokens: TranscriptToken[] = [];
  for (const [text, startSeconds, speaker, segment = 0] of words) {
    const last = tokens.at(-1);
    const who = speaker === undefined ? {} : { speaker };
    if (last) {
      tokens.push({
        ...last,
        type: 'spacing',
        text: ' ',
        startSeconds: last.endSeconds,
        endSeconds: startSeconds,
      });
    }
    tokens.push({ type: 'word', text, startSeconds, endSeconds: startSeconds + 0.4, segment, ...who });
  }
  return tokens;
}

const TALK = said(
  ['Who', 0, 'speaker_0'],
  ['is', 0.5, 'speaker_0'],
  ['<there>?', 1, 'speaker_0'],
  ['I', 3, 'speaker_1', 1],
  ['&', 3.5, 'speaker_1', 1],
  ['you.', 4, 'speaker_1', 2],
);

function write(options: ExportOptions, tokens = TALK) {
  const [made] = additionalFormat(options, { tokens, language: 'en' });
  assert.ok(made);
  assert.equal(made.requested_format, options.format);
  return made;
}

test('subtitles are numbered, timed and cut where it is silent', () => {
  const srt = write({ format: 'srt' });
  assert.equal(srt.content_type, 'application/x-subrip');
  assert.equal(srt.is_base64_encoded, false);
  assert.equal(
    srt.content,
    [
      '1',
      '00:00:00,000 --> 00:00:01,400',
      'Who is <there>?',
      '',
      '2',
      '00:00:03,000 --> 00:00:04,400',
      'I & you.',
      '',
    ].join('\n'),
  );
  assert.match(write({ format: 'srt', include_speakers: true }).content, /\n\[speaker_1\] I & you\.\n/);
});

test('no subtitle is longer than asked, and no line', () => {
  const words = Array.from({ length: 60 }, (_, index) => `word${index}`);
  const tokens = said(...words.map((text, index) => [text, index * 0.5] as const));
  const cuesOf = (options: ExportOptions) =>
    write(options, tokens)
      .content.trim()
      .split('\n\n')
      .map((block) => block.split('\n').slice(2));
  for (const cue of cuesOf({ format: 'srt' })) {
    assert.ok(cue.length <= 2 && cue.every((line) => line.length <= 42), cue.join('|'));
    assert.ok(cue.join(' ').length <= 84);
  }
  const short = cuesOf({
    format: 'srt',
    max_characters_per_line: 10,
    max_segment_chars: 30,
    max_segment_duration_s: 60,
  });
  assert.ok(short.every((cue) => cue.join(' ').length <= 30 && cue.every((line) => line.length <= 10)));
  const twoSeconds = cuesOf({ format: 'srt', max_segment_duration_s: 2 });
  assert.deepEqual(twoSeconds[0], ['word0 word1 word2 word3']);
  assert.equal(short.flat().join(' '), words.join(' '));
});

test('a text names time and speaker of each part unless that is not wanted', () => {
  assert.equal(
    write({ format: 'txt' }).content,
    [
      '[00:00:00.000 - 00:00:01.400] speaker_0',
      'Who is <there>?',
      '',
      '[00:00:03.000 - 00:00:03.900] speaker_1',
      'I &',
      '',
      '[00:00:04.000 - 00:00:04.400] speaker_1',
      'you.',
      '',
    ].join('\n'),
  );
  const bare = write({
    format: 'txt',
    include_speakers: false,
    include_timestamps: false,
    max_segment_chars: 200,
  });
  assert.equal(bare.content, 'Who is <there>?\n\nI & you.\n');
  const narrow = write({
    format: 'txt',
    max_characters_per_line: 3,
    include_timestamps: false,
    include_speakers: false,
  });
  assert.equal(narrow.content, 'Who\nis\n<there>?\n\nI &\n\nyou.\n');
});

test('segments are JSON with words, times and speakers', () => {
  const made = write({ format: 'segmented_json', segment_on_silence_longer_than_s: 1 });
  assert.equal(made.file_extension, 'json');
  const { language_code: language, segments } = JSON.parse(made.content);
  assert.equal(language, 'eng');
  assert.equal(segments.length, 2);
  assert.deepEqual(segments[1].words[0], {
    text: 'I',
    type: 'word',
    start: 3,
    end: 3.4,
    speaker_id: 'speaker_1',
  });
  assert.equal(segments[1].words.map((word: { text: string }) => word.text).join(''), segments[1].text);
  const bare = write({ format: 'segmented_json', include_timestamps: false, include_speakers: false });
  assert.doesNotMatch(bare.content, /start|speaker/);
});

test('a page shows what was said and is not changed by it', () => {
  const made = write({ format: 'html' });
  assert.equal(made.content_type, 'text/html');
  assert.match(made.content, /<html lang="en">/);
  assert.match(made.content, /speaker_0<\/small><br>Who is &lt;there&gt;\?<\/p>/);
  assert.match(made.content, />I &amp;<\/p>/);
});

/** The parts of a ZIP archive, found through its directory as readers do, each checked against its checksum. */
function unzip(archive: Buffer): ReadonlyMap<string, string> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const parts = new Map<string, string>();
  let entry = archive.readUInt32LE(end + 16);
  for (let count = archive.readUInt16LE(end + 10); count > 0; count -= 1) {
    assert.equal(archive.readUInt32LE(entry), 0x02014b50);
    const [crc, packed, length] = [16, 20, 24].map((at) => archive.readUInt32LE(entry + at));
    const nameLength = archive.readUInt16LE(entry + 28);
    const name = archive.toString('utf8', entry + 46, entry + 46 + nameLength);
    const local = archive.readUInt32LE(entry + 42);
    assert.equal(archive.readUInt32LE(local), 0x04034b50);
    assert.equal(archive.readUInt32LE(local + 14), crc);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = inflateRawSync(archive.subarray(start, start + (packed ?? 0)));
    assert.equal(content.length, length);
    assert.equal(crc32(content), crc);
    parts.set(name, content.toString('utf8'));
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  assert.equal(entry, end);
  return parts;
}

test('a document of a word processor is an archive with the paragraphs in it', () => {
  const made = write({ format: 'docx' });
  assert.equal(made.is_base64_encoded, true);
  const parts = unzip(Buffer.from(made.content, 'base64'));
  assert.deepEqual([...parts.keys()], ['[Content_Types].xml', '_rels/.rels', 'word/document.xml']);
  const document = parts.get('word/document.xml') ?? '';
  const texts = [...document.matchAll(/<w:t [^>]*>([^<]*)<\/w:t>/g)].map((match) => match[1]);
  assert.deepEqual(texts.slice(0, 2), ['[00:00:00.000 - 00:00:01.400] speaker_0', 'Who is &lt;there&gt;?']);
  assert.equal(made.content, write({ format: 'docx' }).content);
  const strange = write({ format: 'docx' }, said(['a\u0000b\u000Bc\uD800d', 0]));
  assert.match(unzip(Buffer.from(strange.content, 'base64')).get('word/document.xml') ?? '', />ab cd</);
});

test('silence is an empty text in every format', () => {
  assert.equal(write({ format: 'srt' }, []).content, '');
  assert.equal(write({ format: 'txt' }, []).content, '');
  assert.deepEqual(JSON.parse(write({ format: 'segmented_json' }, []).content).segments, []);
});

for (const [seconds, text] of [
  [0, '00:00:00,000'],
  [59.9996, '00:01:00,000'],
  [3_599.999, '00:59:59,999'],
  [36_061.5, '10:01:01,500'],
] as const) {
  test(`${seconds} s are ${text}`, () => assert.equal(clockTime(seconds, ','), text));
}
