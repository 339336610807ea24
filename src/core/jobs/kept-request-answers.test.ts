import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse, contextOf, orderOf, stateOf } from '../../../test/job-support.ts';
import { collectBytes } from '../../base/stream.ts';
import type { JobWork } from './job-service.ts';
import type { ReplayedRequest, ReplayedResponse } from './kept-request-answers.ts';

const ann = contextOf('ann');

async function* bytes(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** Jobs whose requests are answered by a function of the test. */
function answering(answer: (request: ReplayedRequest) => Promise<ReplayedResponse> | ReplayedResponse) {
  const handle = (work: JobWork<'request'>) => house.keptRequests.handler(work);
  const house: ReturnType<typeof testHouse> = testHouse({ handle });
  house.keptRequests.answerWith(async (request) => answer(request));
  return house;
}

test('the answer is kept under an id that follows from the job’s, so that answering twice leaves one', async () => {
  let count = 0;
  const house = answering(() => {
    count += 1;
    const headers = { 'content-type': 'audio/wav' };
    return { status: 200, headers, body: count === 1 ? brokenOff() : bytes('se', 'cond') };
  });
  const job = await house.jobs.submit(orderOf(), ann);
  house.jobRunner.start();
  await house.time.settle();
  assert.equal(stateOf(await house.jobs.find(job.id, 'ann')), 'queued');
  await house.time.advance(2000);
  const done = await house.jobs.find(job.id, 'ann');
  const output = done?.kind === 'request' && done.state === 'succeeded' ? done.output : assert.fail();
  const blob = await house.blobs.find(output.blob);
  assert.equal(Buffer.from(blob ? await collectBytes(blob.open()) : []).toString(), 'second');
  assert.equal([...house.blobs.kept.keys()].length, 1);
  await house.jobRunner.stop();
});

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('fir');
  throw new Error('cut');
}

for (const [status, code, attempts] of [
  [429, 'rate_limited', 3],
  [503, 'overloaded', 3],
  [502, 'engine_failed', 3],
  [400, 'invalid_request', 1],
  [404, 'not_found', 1],
  [418, 'invalid_request', 1],
  [500, 'internal', 1],
] as const) {
  test(`an answer with status ${status} is asked for ${attempts === 1 ? 'once' : 'three times'}, and kept`, async () => {
    const house = answering(() => ({ status, headers: {}, body: bytes('no') }));
    const { id } = await house.jobs.submit(orderOf(), ann);
    house.jobRunner.start();
    await house.time.settle();
    for (let wait = 0; wait < 3; wait += 1) await house.time.advance(10_000);
    const job = await house.jobs.find(id, 'ann');
    assert.deepEqual([stateOf(job), job?.attempts], [`failed ${code}`, attempts]);
    assert.equal(job?.state === 'failed' && job.error.answer?.status, status);
    await house.jobRunner.stop();
  });
}

test('a dialect’s own reason for a refusal counts more than the status', async () => {
  const house = answering((request) => {
    const refusal = { code: 'overloaded', message: 'Full.', retryAfterMs: 60_000, param: 'model' } as const;
    house.keptRequests.noteRefusal('another token', { code: 'internal', message: 'No.' });
    house.keptRequests.noteRefusal(request.token, refusal);
    return { status: 400, headers: {}, body: bytes() };
  });
  const { id } = await house.jobs.submit(orderOf(), ann);
  house.jobRunner.start();
  await house.time.settle();
  await house.time.advance(59_000);
  assert.equal((await house.jobs.find(id, 'ann'))?.attempts, 1);
  for (let wait = 0; wait < 3; wait += 1) await house.time.advance(60_000);
  const job = await house.jobs.find(id, 'ann');
  const { code, message, param } = job?.state === 'failed' ? job.error : assert.fail();
  assert.deepEqual([code, message, param], ['overloaded', 'Full.', 'model']);
  await house.jobRunner.stop();
});

test('the token of a request leads to its owner while it is answered, and to nobody afterwards', async () => {
  const tokens: string[] = [];
  const house = answering((request) => {
    tokens.push(request.token);
    assert.equal(house.keptRequests.findContext(request.token)?.principal.id, 'ann');
    return { status: 200, headers: {}, body: bytes('yes') };
  });
  for (let count = 0; count < 2; count += 1) await house.jobs.submit(orderOf(), ann);
  house.jobRunner.start();
  await house.time.settle();
  assert.equal(new Set(tokens).size, 2);
  for (const token of tokens) {
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal(house.keptRequests.findContext(token), undefined);
  }
  await house.jobRunner.stop();
});

test('a request whose body is gone fails', async () => {
  const house = answering(() => assert.fail('nobody is asked'));
  const input = { method: 'POST', url: '/x', headers: {}, body: { blob: 'files/gone', byteLength: 3 } };
  const { id } = await house.jobs.submit(orderOf({ input }), ann);
  house.jobRunner.start();
  await house.time.settle();
  assert.equal(stateOf(await house.jobs.find(id, 'ann')), 'failed internal');
  await house.jobRunner.stop();
});
