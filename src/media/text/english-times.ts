import { englishCardinal } from './english-numbers.ts';
import { BLANK, patternRule, type RuleMatch, type SpeechRule } from './speech-rule.ts';

/** The parts of a clock time as digits; `half` is `a` or `p`. */
interface ClockParts {
  readonly hour: string;
  readonly minute: string;
  readonly second?: string;
  readonly half?: string;
}

const HALF_OF_DAY = String.raw`(?<half>[AaPp])\.?[Mm](?:\.|(?![\p{L}\p{N}]))(?!\p{L})`;

/** Times of the day, and ratios, which look like impossible times: `3:45 pm`, `7am`, `15:30`, `16:9`. */
export const TIMES: readonly SpeechRule[] = [
  patternRule(
    String.raw`(?<hour>\d{1,2})(?::(?<minute>\d{2})(?::(?<second>\d{2}))?)?${BLANK}?${HALF_OF_DAY}`,
    (match) =>
      clockTime({
        hour: match.group('hour'),
        minute: match.group('minute'),
        second: match.group('second'),
        half: match.group('half'),
      }),
  ),
  patternRule(
    String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2}))?(?![\p{L}\p{N}]|:\d|\.\d)`,
    (match) =>
      clockTime({ hour: match.group('hour'), minute: match.group('minute'), second: match.group('second') }),
  ),
  patternRule(String.raw`(?<one>\d{1,4}):(?<other>\d{1,4})(?![\p{L}\p{N}]|:\d|\.\d)`, sayRatio),
];

/** Says a clock time: `3:05` gives `three oh five`. Undefined where the figures are no time. */
export function clockTime(parts: ClockParts): string | undefined {
  const hour = Number(parts.hour);
  const minute = Number(parts.minute);
  const { second: seconds = '', half: letter = '' } = parts;
  const second = Number(seconds);
  const half = letter.toLowerCase();
  const fits = half === '' ? hour <= 24 : hour >= 1 && hour <= 12;
  if (!fits || minute > 59 || second > 59) return undefined;
  const spoken = [englishCardinal(parts.hour), ...minuteWords(parts, hour, half)];
  if (second > 0) spoken.push('and', englishCardinal(String(second)), second === 1 ? 'second' : 'seconds');
  if (half !== '') spoken.push(`${half}.m.`);
  return spoken.join(' ');
}

function minuteWords(parts: ClockParts, hour: number, half: string): string[] {
  const minute = Number(parts.minute);
  if (minute >= 10) return [englishCardinal(parts.minute)];
  if (minute > 0) return ['oh', englishCardinal(parts.minute)];
  if (half !== '' || parts.minute === '') return [];
  return hour >= 1 && hour <= 12 && !parts.hour.startsWith('0') ? ["o'clock"] : ['hundred'];
}

function sayRatio(match: RuleMatch): string {
  return `${englishCardinal(match.group('one'))} to ${englishCardinal(match.group('other'))}`;
}
