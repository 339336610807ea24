import { AppError } from '../../base/errors.ts';
import { composeNormalized } from './normalized-composition.ts';
import { pronunciationMatcher, type PronunciationMatch } from './pronunciation-matcher.ts';
import type { PhonemeSpan, PronunciationRule } from './pronunciation-rules.ts';
import { rewriteText, type NormalizedText } from './normalized-text.ts';
import { clustersOf, isWordBoundary, type TextClusters } from './text-clusters.ts';

/** UTF-16 units that a text may grow to: more than any dialect takes, and few enough to be spoken in the end. */
const LONGEST = 200_000;

/** A text after its dictionaries, where each part of it comes from, and what of it is said by phonemes. */
export interface PronouncedText extends NormalizedText {
  /** In order, without overlap. The text below a span is as it was written. */
  readonly phonemeSpans: readonly PhonemeSpan[];
  /** Whether a rule with phonemes was passed over, because phonemes were not wanted. */
  readonly skippedPhonemes: boolean;
}

/** What the one who will speak can do. */
interface PronounceOptions {
  /** Whether rules with phonemes count; else they are passed over, and a later rule may have their place. */
  readonly phonemes: boolean;
}

/**
 * Applies dictionaries one after another: each reads what the one before has written, except below phonemes. Within
 * one, at every place from left to right, the first rule that fits wins, and what it wrote is not read again, so
 * nothing loops. Throws `invalid_request` (reason `text_too_long`) when the text would grow out of all proportion.
 */
export function applyPronunciations(
  text: string,
  dictionaries: readonly (readonly PronunciationRule[])[],
  options: PronounceOptions,
): PronouncedText {
  const whole = { sourceStart: 0, sourceEnd: text.length, start: 0, end: text.length };
  const written: PronouncedText = {
    text,
    pieces: text === '' ? [] : [whole],
    phonemeSpans: [],
    skippedPhonemes: false,
  };
  return dictionaries.reduce<PronouncedText>((before, rules) => {
    const after = applyDictionary(before, rules, options);
    return {
      ...after,
      ...composeNormalized(before, after),
      skippedPhonemes: before.skippedPhonemes || after.skippedPhonemes,
    };
  }, written);
}

function applyDictionary(
  { text, phonemeSpans }: PronouncedText,
  rules: readonly PronunciationRule[],
  options: PronounceOptions,
): PronouncedText {
  const clusters = clustersOf(text);
  const isBoundary = (at: number) => isWordBoundary(clusters.exact[at - 1], clusters.exact[at]);
  const matcher = pronunciationMatcher(rules);
  const writer = createWriter(text);
  const count = clusters.exact.length;
  let skippedPhonemes = false;
  let spans = 0;
  let at = 0;
  while (at < count) {
    const span = phonemeSpans[spans];
    const start = clusters.starts[at] ?? 0;
    if (span && start >= span.start) {
      writer.mark(span);
      spans += 1;
      at = clusterAt(clusters, span.end);
      continue;
    }
    const limit = span ? lastClusterAt(clusters, span.start) : count;
    const found = matcher.matchesAt(clusters, at, { limit, isBoundary });
    const { chosen, skipped } = choose(found, options);
    skippedPhonemes ||= skipped;
    if (chosen) writer.apply(chosen.rule, start, clusters.starts[chosen.end] ?? text.length);
    at = chosen?.end ?? at + 1;
  }
  return { ...writer.finish(), skippedPhonemes };
}

/** The cluster that begins at an offset, or the first behind it. */
function clusterAt({ starts }: TextClusters, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last cluster that begins at an offset or before it. */
function lastClusterAt(clusters: TextClusters, offset: number): number {
  const next = clusterAt(clusters, offset);
  return clusters.starts[next] === offset ? next : next - 1;
}

function choose(
  found: readonly PronunciationMatch[],
  { phonemes }: PronounceOptions,
): { readonly chosen: PronunciationMatch | undefined; readonly skipped: boolean } {
  const first = found.reduce(earlier, undefined);
  if (phonemes || first?.rule.type !== 'phoneme') return { chosen: first, skipped: false };
  return {
    chosen: found.filter(({ rule }) => rule.type === 'alias').reduce(earlier, undefined),
    skipped: true,
  };
}

function earlier(best: PronunciationMatch | undefined, match: PronunciationMatch): PronunciationMatch {
  return best && best.index < match.index ? best : match;
}

function createWriter(source: string) {
  const text = rewriteText(source);
  const phonemeSpans: PhonemeSpan[] = [];
  const limit = Math.max(LONGEST, 2 * source.length);
  const mark = (span: PhonemeSpan) => {
    phonemeSpans.push({ ...span, start: span.start + text.shift, end: span.end + text.shift });
  };
  return {
    mark,
    apply: (rule: PronunciationRule, start: number, end: number) => {
      if (rule.type === 'phoneme') {
        mark({ start, end, phonemes: rule.phonemes, alphabet: rule.alphabet });
        return;
      }
      text.keep(start);
      text.replace(end, rule.alias);
      if (text.written > limit) throw grownTooLong(limit);
    },
    finish: () => ({ ...text.finish(), phonemeSpans }),
  };
}

function grownTooLong(limit: number): AppError {
  return new AppError(
    'invalid_request',
    `The pronunciation dictionaries make the text longer than ${limit} characters. Send a shorter text, or shorten the aliases.`,
    { reason: 'text_too_long' },
  );
}
