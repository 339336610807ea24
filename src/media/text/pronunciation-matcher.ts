import type { PronunciationRule } from './pronunciation-rules.ts';
import { clustersOf, type TextClusters } from './text-clusters.ts';

/** A rule that fits at a place of a text. */
export interface PronunciationMatch {
  readonly rule: PronunciationRule;
  /** Its place in the dictionary. */
  readonly index: number;
  /** The cluster behind the last that it covers. */
  readonly end: number;
}

/** Finds the rules of one dictionary in texts, in a time that does not grow with the number of rules. */
export interface PronunciationMatcher {
  /**
   * The rules that fit at a cluster and end at `limit` or before: at most a few for every length, in no order.
   * `isBoundary` tells of a cluster whether a word may begin there, and so whether one may end before it.
   */
  matchesAt(
    text: TextClusters,
    at: number,
    bounds: { readonly limit: number; readonly isBoundary: (cluster: number) => boolean },
  ): readonly PronunciationMatch[];
}

/** A place in the tree of all graphemes, by their characters. */
interface Node {
  readonly next: Map<string, Node>;
  /** The rules whose grapheme ends here: of each kind only the first, since no other can ever win. */
  readonly rules: { readonly rule: PronunciationRule; readonly index: number }[];
}

const kept = new WeakMap<readonly PronunciationRule[], PronunciationMatcher>();

/** The matcher of a dictionary, made once for each list of rules. */
export function pronunciationMatcher(rules: readonly PronunciationRule[]): PronunciationMatcher {
  const known = kept.get(rules);
  if (known) return known;
  const matcher = createMatcher(rules);
  kept.set(rules, matcher);
  return matcher;
}

function createMatcher(rules: readonly PronunciationRule[]): PronunciationMatcher {
  const exact = newNode();
  const folded = newNode();
  rules.forEach((rule, index) => {
    const clusters = clustersOf(rule.grapheme);
    const [root, path] = rule.caseSensitive ? [exact, clusters.exact] : [folded, clusters.folded];
    const node = path.reduce(step, root);
    const outdone = node.rules.some(
      (other) => other.rule.type === rule.type && other.rule.wordBoundaries === rule.wordBoundaries,
    );
    if (path.length > 0 && !outdone) node.rules.push({ rule, index });
  });
  return {
    matchesAt: (text, at, { limit, isBoundary }) => {
      const found: PronunciationMatch[] = [];
      const startsWord = isBoundary(at);
      const collect = (root: Node, characters: readonly string[]) => {
        let node = root.next.get(characters[at] ?? '');
        for (let end = at + 1; node && end <= limit; end += 1) {
          for (const { rule, index } of node.rules) {
            if (!rule.wordBoundaries || (startsWord && isBoundary(end))) found.push({ rule, index, end });
          }
          node = node.next.get(characters[end] ?? '');
        }
      };
      collect(exact, text.exact);
      collect(folded, text.folded);
      return found;
    },
  };
}

function newNode(): Node {
  return { next: new Map(), rules: [] };
}

function step(node: Node, character: string): Node {
  const known = node.next.get(character);
  if (known) return known;
  const created = newNode();
  node.next.set(character, created);
  return created;
}
