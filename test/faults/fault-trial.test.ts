import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { receiveEnds } from './fault-ends.ts';
import { toTable, troubles } from './fault-table.ts';
import { tryFault } from './fault-trial.ts';

/** A server that is always ready, tells two ends of each job, and has the wrong result for it. */
async function startLiar() {
  const jobs: string[] = [];
  const told: Promise<unknown>[] = [];
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    request.resume();
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url === '/ready') answer(200, { checks: [] });
    else if (url.endsWith('/result')) answer(200, 'nothing');
    else if (url.startsWith('/antiphon/v1/jobs/'))
      answer(200, { id: url.split('/').at(-1), state: 'succeeded', attempts: 1, error: null });
    else if (url.startsWith('/antiphon/v1/jobs')) answer(200, { jobs: [] });
    else if (headers.prefer === undefined) answer(200, 'sound'.repeat(1000));
    else {
      const id = crypto.randomUUID();
      jobs.push(id);
      for (const end of [1, 2]) {
        const body = JSON.stringify({ type: 'job.succeeded', data: { id, links: {} } });
        const message = { method: 'POST', headers: { 'webhook-id': `msg_${id}_${end}` }, body };
        told.push(fetch(String(headers['x-antiphon-webhook']), message));
      }
      answer(202, { id });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  return {
    origin: `http://127.0.0.1:${port}`,
    jobs,
    close: async () => {
      await Promise.allSettled(told);
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a trial notices what is lost, doubled or untrue', async () => {
  const ends = await receiveEnds();
  const { origin, jobs, close } = await startLiar();
  const outcome = await tryFault(
    { name: 'a lie', begin: async () => {}, end: async () => {}, expects: { liar: /^503 store$/ } },
    {
      targets: [{ name: 'liar', origin, answers: true }],
      ends,
      callers: 1,
      ordered: 2,
      meanwhile: 2,
      holdMs: 0,
      patienceMs: 500,
      crashes: () => [],
    },
  );
  await close();
  ends.close();
  assert.ok(jobs.length > 0);
  assert.equal(outcome.lost.length, jobs.length);
  assert.equal(outcome.doubled, jobs.length);
  assert.equal(outcome.said.isTrue, false);
  assert.match(toTable([outcome]), /\| 200 \(not true\) \|/);
  const found = troubles([outcome]);
  for (const pattern of [/doubled/, /\/ready said/, /lost: .*wrong/])
    assert.ok(
      found.some((one) => pattern.test(one)),
      String(pattern),
    );
});
