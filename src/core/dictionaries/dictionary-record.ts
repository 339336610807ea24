import type { PronunciationRule } from '../../media/text/pronunciation-rules.ts';

/** A pronunciation dictionary, without its rules. */
export interface DictionaryRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  /** In the caller's words; kept and shown, not enforced. */
  readonly access?: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly archivedAt?: number;
  readonly latestVersionId: string;
  /** How many rules the latest version has. */
  readonly latestRuleCount: number;
}

/** The rules of a dictionary at one moment; never changed. */
export interface DictionaryVersion {
  readonly id: string;
  readonly dictionaryId: string;
  readonly rules: readonly PronunciationRule[];
  readonly createdAt: number;
}
