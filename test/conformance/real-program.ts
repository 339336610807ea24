import assert from 'node:assert/strict';
import { antiphon, serving } from '../program/program.ts';

/** A row of the report that the command prints for programs. */
export interface ReportedRow {
  readonly id: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly why?: string;
  readonly left: readonly string[];
}

/** Holds a running server to a dialect's contract, by the command. */
export type Holding = (dialect: string, args: readonly string[]) => Promise<readonly ReportedRow[]>;

/** Starts the program with the engines that it brings along and one key, and gives what holds it to contracts as people do. */
export async function holdingProgram(use: (hold: Holding) => Promise<void>): Promise<void> {
  await serving(['--log-level', 'error'], async ({ origin }) => {
    const made = await fetch(`${origin}/antiphon/v1/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'kit', role: 'admin' }),
    });
    const { key } = JSON.parse(await made.text()) as { key: string }; // The only answer that tells it.
    await use(async (dialect, args) => {
      const url = dialect === 'openai' ? origin : `${origin}/${dialect}`;
      const asked = [url, '--dialect', dialect, '--key', key, '--rate', '1000', '--json', ...args];
      const { code, stdout, stderr } = await antiphon(['conformance', ...asked]);
      const { rows } = JSON.parse(String(stdout)) as { rows: readonly ReportedRow[] }; // What `--json` prints.
      const failed = rows.filter(({ state }) => state === 'failed');
      assert.equal(code, 0, `${stderr}\n${JSON.stringify(failed, undefined, 2)}`);
      return rows;
    });
  });
}

const HEARS = 'No transcription model is installed';
const CHATS = 'no language model';
const HAND = 'needs a hand';
const CLIENT = 'needs the official client';
const SAMPLES = 'needs the samples themselves';

/**
 * The rows that cannot be judged on the engines that the program brings along, and what stands in the report of each. Nothing
 * hears and nothing chats without weights or a remote; the rest asks for more than a caller can do, wherever the server runs.
 */
export const UNJUDGED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: {
    ...because(CLIENT, ['E1', 'E2', 'I6', 'R3']),
    ...because(HAND, ['T13', 'T19']),
    ...because(HEARS, ['L1', 'R1', 'R2', 'T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T11', 'T12']),
    ...because(HEARS, ['T15', 'T16', 'T17', 'T18']),
  },
  elevenlabs: {
    ...because(CLIENT, ['E23', 'E25', 'E45']),
    ...because(HEARS, ['E34', 'E35', 'E36', 'E38']),
  },
  eigen: {
    ...because(HEARS, [
      'R1 whisper_v3_turbo file',
      'R1 whisper_v3_turbo language',
      'R1 whisper_v3_turbo response_format',
      'R1 asr file',
      'R1 higgs_asr_3 file',
      'R1 higgs_asr_3 language',
      'R1 higgs_asr_3 task',
      'L4',
    ]),
    ...because(CHATS, ['R6']),
  },
  aiml: { ...because(HAND, ['A16', 'A25', 'A27']), ...because(SAMPLES, ['A20']) },
};

function because(why: string, ids: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(ids.map((id) => [id, why]));
}
