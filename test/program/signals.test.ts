import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connectSocket } from '../socket-client.ts';
import { inFolder, serving } from './program.ts';

const SPEAKER = ['--engines', 'flite'];

interface Logged {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Waits until the program has logged an event. */
async function untilLogged(child: ChildProcess, event: string): Promise<Logged> {
  let rest = '';
  for (;;) {
    assert.ok(child.stderr);
    const [chunk] = await once(child.stderr, 'data');
    rest += String(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    const events: Logged[] = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const found = events.find(({ msg }) => msg === event);
    if (found) return found;
  }
}

function speak(origin: string, model: string, headers: Readonly<Record<string, string>> = {}, input = 'Hi.') {
  return fetch(`${origin}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, voice: 'alloy', input, response_format: 'wav' }),
  });
}

async function answers(origin: string): Promise<boolean> {
  return fetch(`${origin}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Prints a line when it is told to, and says a moment later on standard error that it is still there. */
const PRINTS = `process.on('SIGUSR2', () => {
  console.log('Something.');
  setTimeout(() => console.error('still here'), 100);
});`;

test('a server goes on when nobody reads any more what it prints', () =>
  serving(
    SPEAKER,
    async ({ origin, child }) => {
      assert.ok(child.stdout?.destroyed, 'somebody reads');
      assert.ok(child.stderr);
      const told = Promise.race([
        once(child.stderr, 'data').then(String),
        once(child, 'exit').then(() => 'gone'),
      ]);
      child.kill('SIGUSR2');
      assert.match(await told, /still here/);
      assert.ok(await answers(origin));
    },
    `--import=data:text/javascript,${encodeURIComponent(PRINTS)}`,
  ));

test('a hang-up signal has the configuration read anew, also when it is broken, and the program goes on', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'config.json');
    await writeFile(file, '{}');
    await serving([...SPEAKER, '--config', file], async ({ origin, child }) => {
      const hangUp = (event: string) => {
        const logged = untilLogged(child, event);
        child.kill('SIGHUP');
        return logged;
      };
      assert.equal((await speak(origin, 'house')).status, 404);
      await writeFile(file, JSON.stringify({ models: { house: ['flite/flite'] } }));
      assert.deepEqual((await hangUp('configuration-reload'))['changed'], ['models']);
      assert.equal((await speak(origin, 'house')).status, 200);
      await writeFile(file, 'nonsense');
      await hangUp('configuration-reload-failed');
      assert.equal((await speak(origin, 'house')).status, 200);
    });
  }));

describe('a server that is told to stop', () => {
  test('says at once that it is not ready, and still answers until a balancer has noticed', () =>
    serving([...SPEAKER, '--stop-delay-seconds', '60'], async ({ origin, child }) => {
      assert.equal((await fetch(`${origin}/ready`)).status, 200);
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      while ((await fetch(`${origin}/ready`)).status !== 503);
      assert.equal((await fetch(`${origin}/health`)).status, 200);
      const spoken = await speak(origin, 'tts-1');
      assert.equal(spoken.status, 200);
      assert.equal(spoken.headers.get('connection'), 'close');
      await spoken.arrayBuffer();
      // Signals within half a second are one; after that another one ends the waiting.
      while (await answers(origin)) child.kill('SIGTERM');
      assert.deepEqual(await gone, [0, null]);
    }));

  test('lets a socket hear the end of what is being said, and tells all sockets that it goes', () =>
    serving([...SPEAKER, '--drain-seconds', '600', '--log-level', 'silent'], async ({ origin, child }) => {
      const url = `${origin}/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream-input?output_format=pcm_16000`;
      const [idle, busy] = await Promise.all([connectSocket({ url }), connectSocket({ url })]);
      busy.send({ text: ' ' });
      busy.send({ text: 'This sentence is said again and again. '.repeat(40), flush: true });
      busy.send({ text: '' });
      await busy.until((message) => 'audio' in message && message['audio'] !== null);
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await busy.until((message) => 'isFinal' in message && message['isFinal'] === true);
      assert.deepEqual(await idle.closed, { code: 1001, reason: 'The server is closing.' });
      await busy.closed;
      assert.deepEqual(await gone, [0, null]);
    }));

  test('gives back its jobs, which the next process takes up at once', () =>
    inFolder(async (folder) => {
      const args = [...SPEAKER, '--data-dir', folder, '--job-lease-seconds', '600', '--log-level', 'silent'];
      const jobOf = async (origin: string, id: string) =>
        (await (await fetch(`${origin}/antiphon/v1/jobs/${id}`)).json()) as {
          state: string;
          attempts: number;
        }; // What the route answers.
      let id = '';
      await serving(args, async ({ origin, child }) => {
        const input = 'This sentence is said again and again. '.repeat(30);
        const ordered = await speak(origin, 'tts-1', { prefer: 'respond-async' }, input);
        assert.equal(ordered.status, 202);
        ({ id } = (await ordered.json()) as { id: string }); // An accepted request is answered with its job.
        while ((await jobOf(origin, id)).state !== 'running');
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        assert.deepEqual(await gone, [0, null]);
      });
      await serving(args, async ({ origin }) => {
        const events = await (await fetch(`${origin}/antiphon/v1/jobs/${id}/events`)).text();
        assert.match(events, /"state":"succeeded"/);
        assert.equal((await jobOf(origin, id)).attempts, 2);
      });
    }));
});
