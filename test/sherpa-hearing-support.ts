import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, HearingRequest, HearingSession, HeardWindow } from '../src/core/engine.ts';
import { requestContext } from './contracts/engine-contract.ts';
import { testData } from './decode-support.ts';
import { readClip } from './sherpa-support.ts';

/** What the bare addon answers to a clip, and what is really said in it. */
export interface Expected {
  readonly file: string;
  readonly language: string;
  readonly reference: string;
  readonly transcribe: string;
  readonly detected: string;
  readonly translate?: string;
}

/** What the bare addon answers to clips that are on this machine. */
export function expectedAnswers(): Expected[] {
  const path = join(testData, 'mini-whisper-test/expected.json');
  // The file is made by a script, as a list of these.
  const all = JSON.parse(readFileSync(path, 'utf8')) as Expected[];
  return all.filter(({ file }) => existsSync(join(testData, 'audio', file)));
}

/** Opens a session with the model for tests. */
export async function openHearing(
  engine: Engine,
  changes: Partial<HearingRequest> = {},
  signal = new AbortController().signal,
): Promise<HearingSession> {
  assert(engine.transcription);
  const request: HearingRequest = {
    model: 'sherpa/mini-whisper',
    task: 'transcribe',
    wordTimes: false,
    logprobs: false,
    ...changes,
  };
  return engine.transcription.open(request, requestContext(signal));
}

/** What was heard, in one line. */
export function textOf(heard: HeardWindow): string {
  return heard.segments
    .map(({ text }) => text)
    .join('')
    .trim();
}

/** Scripts in which the bare addon loses bytes. */
const DAMAGED_BY_THE_ADDON = ['zh', 'ja', 'ko'];

/** Holds what is heard of clips to what the bare addon answers, or to what was really said where it loses bytes. */
export async function hearsAsTheAddon(engine: Engine, answers: readonly Expected[]): Promise<void> {
  const sessions = new Map<string, HearingSession>();
  for (const { file, language, transcribe, reference } of answers) {
    const session = sessions.get(language) ?? (await openHearing(engine, { language }));
    sessions.set(language, session);
    const heard = await session.hear({ samples: await readClip(file) });
    const isRepaired = DAMAGED_BY_THE_ADDON.includes(language);
    assert.equal(textOf(heard), isRepaired ? reference : transcribe, file);
    assert.equal(heard.language, language, file);
  }
  for (const session of sessions.values()) session.close();
}
