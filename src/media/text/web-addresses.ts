import { englishAmount } from './english-numbers.ts';
import { anyOf, patternRule, type SpeechRule } from './speech-rule.ts';

/** Endings that make `word.ending` an address or a file name and not two sentences without a space. */
const ENDINGS = anyOf(
  (
    'com org net edu gov mil int info biz io ai dev app co me tv fm gg xyz cloud tech site online uk us ca au nz ie de fr es it nl be ch at eu pl se no dk fi pt br mx jp cn kr in ru ' +
    'pdf txt doc docx xls xlsx csv json xml html htm css js ts jsx tsx py rb go rs java cpp md yaml yml zip tar gz exe png jpg jpeg gif svg webp mp3 mp4 wav ogg flac'
  ).split(' '),
);
const LABEL = String.raw`[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})`;
const HOST = String.raw`${LABEL}(?:\.${LABEL}){0,8}\.(?:${ENDINGS})`;
/** What may follow a host: a path or query, of bounded length. */
const TAIL = String.raw`(?:[/?#:][^\s\p{Cc}<>"'“”‘’]{0,2000})?`;
const SPOKEN_MARKS = new Map([
  ['.', 'dot'],
  ['/', 'slash'],
  [':', 'colon'],
  ['-', 'dash'],
  ['_', 'underscore'],
  ['@', 'at'],
  ['?', 'question mark'],
  ['=', 'equals'],
  ['&', 'and'],
  ['#', 'hash'],
  ['%', 'percent'],
  ['+', 'plus'],
  ['~', 'tilde'],
]);

/** E-mail and web addresses and file names, spelled so that they can be typed back: `example dot com`. */
export const WEB_ADDRESSES: readonly SpeechRule[] = [
  patternRule(String.raw`(?<address>[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})@${HOST})(?![A-Za-z0-9])`, (match) =>
    sayAddress(match.group('address')),
  ),
  withoutClosingMarks(String.raw`https?:\/\/(?<address>[^\s\p{Cc}<>"'“”‘’]{1,2000})`),
  withoutClosingMarks(String.raw`(?<address>www\.[^\s\p{Cc}<>"'“”‘’]{1,2000})`),
  withoutClosingMarks(String.raw`(?<address>${HOST}(?![A-Za-z0-9_-])${TAIL})(?!@)`),
];

/** Full stops, commas and brackets behind an address belong to the sentence around it. */
function withoutClosingMarks(pattern: string): SpeechRule {
  const found = patternRule(pattern, (match) => match.group('address'));
  return (text, start) => {
    const match = found(text, start);
    if (!match) return undefined;
    const address = match.spoken.replace(/[.,;:!?)\]}…]{1,40}$/u, '').replace(/\/$/u, '');
    const closing = /[.,;:!?)\]}…]{1,40}$/u.exec(match.spoken)?.[0].length ?? 0;
    return address === '' ? undefined : { end: match.end - closing, spoken: sayAddress(address) };
  };
}

function sayAddress(address: string): string {
  const parts = address.match(/\p{L}[\p{L}\p{M}]*|\d+|[^\p{L}\d]/gu) ?? [];
  return parts
    .map((part) => SPOKEN_MARKS.get(part) ?? (/^\d+$/u.test(part) ? englishAmount(part) : part))
    .join(' ');
}
