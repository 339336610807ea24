import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { get, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { benchModels } from '../../bench/hearing-weights.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { filePart, rawForm, textPart } from '../raw-form.ts';
import { needsData } from '../sherpa-support.ts';
import { serving } from './program.ts';

const SPEAKER = ['--engines', 'flite', '--log-level', 'silent'];
const SENTENCE = 'This sentence is said again and again, until somebody has heard enough of it. ';
const SENTENCES = 20;

interface Body {
  readonly payload: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Begins a request and waits for the head of its answer; no more of it is read than somebody asks for. */
async function ask(url: string, { payload, headers }: Body): Promise<IncomingMessage> {
  const request = httpRequest(url, { method: 'POST', agent: false, headers });
  request.end(payload);
  const [response]: IncomingMessage[] = await once(request, 'response');
  assert.ok(response);
  return response;
}

/** Speech that takes far more room than the sockets between have, so that it is not over before it is read. */
function longSpeech(origin: string): Promise<IncomingMessage> {
  const input = SENTENCE.repeat(SENTENCES);
  const payload = JSON.stringify({ model: 'tts-1', voice: 'alloy', input, response_format: 'wav' });
  return ask(`${origin}/v1/audio/speech`, { payload, headers: { 'content-type': 'application/json' } });
}

async function bytesOf(response: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of response) bytes += Buffer.from(chunk).length;
  return bytes;
}

/** The exit code and signal of a program that was told to stop. */
function told(child: ChildProcess): Promise<unknown[]> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  return gone;
}

describe('a server that is told to stop', () => {
  test('finishes what it is saying, refuses what is new, and ends with exit code 0', () =>
    serving([...SPEAKER, '--drain-seconds', '600'], async ({ origin, child }) => {
      const response = await longSpeech(origin);
      const gone = told(child);
      await refusal(origin);
      assert.equal(child.exitCode, null);
      // 16,000 samples of two bytes a second, and nobody says the sentence in less than two seconds.
      assert.ok((await bytesOf(response)) > SENTENCES * 2 * 32_000);
      assert.ok(response.complete);
      assert.deepEqual(await gone, [0, null]);
    }));

  test('cuts what is not finished within the time that it was given', () =>
    serving([...SPEAKER, '--drain-seconds', '0.1'], async ({ origin, child }) => {
      const response = await longSpeech(origin);
      assert.deepEqual(await told(child), [0, null]);
      await assert.rejects(bytesOf(response), { code: 'ECONNRESET' });
    }));

  test('ends its child processes, also one that is in the middle of hearing', async (t) => {
    if (!needsData(t, 'ggml/ggml-mini-test.bin', 'mini-whisper-test/mini-encoder.onnx')) return;
    if (!existsSync('/proc/self/task')) {
      t.skip('this system does not tell which processes are whose');
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-models-'));
    try {
      const { modelsDir } = benchModels(folder);
      const args = ['--engines', 'whisper', '--models-dir', modelsDir, '--drain-seconds', '0'];
      await serving([...args, '--log-level', 'silent'], async ({ origin, child }) => {
        assert.ok(child.pid);
        const form = rawForm([
          textPart('model', 'whisper/tiny'),
          textPart('stream', 'true'),
          filePart(longRecording()),
        ]);
        const response = await ask(`${origin}/v1/audio/transcriptions`, form);
        assert.equal(response.statusCode, 200);
        const children = childrenOf(child.pid);
        assert.ok(children.length > 0, 'nothing hears in a child process');
        assert.deepEqual(await told(child), [0, null]);
        await assert.rejects(bytesOf(response), { code: 'ECONNRESET' });
        for (const pid of children) assert.ok(!existsSync(`/proc/${pid}/status`), `${pid} lives`);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Asks until the server takes no more connections; until then it may answer, or break off. */
async function refusal(origin: string): Promise<void> {
  for (;;) {
    const code = await new Promise((resolve) => {
      const request = get(`${origin}/v1/models`, { agent: false }, (response) => {
        response.resume().once('close', () => resolve(undefined));
      });
      request.once('error', (error) => resolve('code' in error ? error.code : undefined));
    });
    if (code === 'ECONNREFUSED') return;
  }
}

/** What sounds like speech, for seven minutes. */
function longRecording(): Buffer {
  const clip = burstRecording({ bursts: bursts(60) });
  const samples = Buffer.concat(Array.from({ length: 12 }, () => clip.subarray(44)));
  const header = Buffer.from(clip.subarray(0, 44));
  header.writeUInt32LE(36 + samples.length, 4);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter((child) => child !== '')
    .map(Number);
}
