import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBlobContract } from '../../../test/contracts/blob-contract.ts';
import { S3_ENVIRONMENT, startS3, type S3Fault, type S3Server } from '../../../test/s3-server.ts';
import { collectBytes } from '../../base/stream.ts';
import { toS3Place } from './s3-address.ts';
import { createS3Blobs, type S3Blobs } from './s3-blobs.ts';

const HASTY = { answerMs: 2000, tries: 3, backoffMs: 1 };

for (const [name, partBytes] of [
  ['S3', 8 * 1024 * 1024],
  ['S3 multipart', 16_384],
] as const) {
  describeBlobContract(name, async () => {
    const service = await startS3();
    return {
      blobs: createS3Blobs(service.place, { patience: HASTY, partBytes }),
      count: service.count,
      remove: service.close,
    };
  });
}

async function onService(
  use: (blobs: S3Blobs, service: S3Server) => Promise<void>,
  patience: Partial<typeof HASTY> = {},
): Promise<void> {
  const service = await startS3();
  try {
    const blobs = createS3Blobs(service.place, { patience: { ...HASTY, ...patience }, partBytes: 16_384 });
    await use(blobs, service);
  } finally {
    await service.close();
  }
}

const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 251);

/** The same fault for the first so many requests of a method. */
function first(count: number, fault: S3Fault, method: string) {
  let left = count;
  return (request: { method?: string | undefined }) => {
    if (request.method !== method || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

test('an empty blob is a blob', () =>
  onService(async (blobs) => {
    assert.equal(await blobs.put('empty', new Uint8Array()), 0);
    const found = await blobs.find('empty');
    assert.equal(found?.byteLength, 0);
    assert.deepEqual(found && (await collectBytes(found.open())), new Uint8Array());
  }));

test('bytes of any length go in parts of the same length, and come back as they were', () =>
  onService(async (blobs, service) => {
    for (const length of [1, 16_383, 16_384, 16_385, 32_768, 99_999]) {
      async function* pieces() {
        for (let at = 0; at < length; at += 5000) yield bytes.subarray(at, Math.min(length, at + 5000));
      }
      assert.equal(await blobs.put('a', pieces()), length);
      const found = await blobs.find('a');
      assert.deepEqual(found && (await collectBytes(found.open())), bytes.subarray(0, length));
    }
    const parts = service.seen.filter((request) => request.startsWith('PUT partNumber='));
    assert.equal(parts.length, 1 + 2 + 2 + 7);
  }));

test('a long blob is sent as it comes, with no more than two parts in memory', () =>
  onService(async (blobs, service) => {
    let ahead = 0;
    async function* pieces() {
      for (let at = 0; at < 40; at += 1) {
        const sent = service.seen.filter((request) => request.startsWith('PUT partNumber=')).length;
        ahead = Math.max(ahead, at * 8192 - sent * 16_384);
        yield bytes.subarray(0, 8192);
      }
    }
    assert.equal(await blobs.put('a', pieces()), 40 * 8192);
    assert.ok(ahead <= 2 * 16_384, `${ahead} bytes ahead`);
  }));

for (const fault of ['status 500', 'hang up'] as const) {
  test(`a service that fails in passing (${fault}) is asked again, whatever it was asked`, () =>
    onService(async (blobs, service) => {
      for (const method of ['POST', 'PUT', 'HEAD', 'GET', 'DELETE']) {
        service.fault(first(2, fault, method));
        assert.equal(await blobs.put('a', bytes), bytes.length);
        const found = await blobs.find('a');
        assert.deepEqual(found && (await collectBytes(found.open())), bytes);
        await blobs.remove('a');
        assert.equal(await blobs.find('a'), undefined);
      }
    }));

  test(`while a service goes on failing (${fault}) callers are told to come again, and afterwards it works`, () =>
    onService(async (blobs, service) => {
      await blobs.put('kept', bytes);
      const found = await blobs.find('kept');
      service.fault(() => fault);
      const away = { code: 'overloaded', retryAfterMs: 2000 };
      await assert.rejects(blobs.put('a', bytes), away);
      await assert.rejects(blobs.put('a', bytes.subarray(0, 10)), away);
      await assert.rejects(blobs.find('kept'), away);
      await assert.rejects(blobs.remove('kept'), away);
      await assert.rejects(async () => found && (await collectBytes(found.open())), away);
      service.fault(() => undefined);
      assert.deepEqual(found && (await collectBytes(found.open())), bytes);
      assert.equal(await blobs.put('a', bytes), bytes.length);
    }));
}

test('a service that says nothing is not waited for', () =>
  onService(
    async (blobs, service) => {
      service.fault(() => 'silence');
      await assert.rejects(blobs.find('a'), { code: 'overloaded' });
      await assert.rejects(blobs.put('a', bytes), { code: 'overloaded' });
    },
    { answerMs: 30 },
  ));

test('a reading that breaks off goes on where it was', () =>
  onService(async (blobs, service) => {
    await blobs.put('a', bytes);
    const found = await blobs.find('a');
    service.fault(first(3, 'break off', 'GET'));
    assert.deepEqual(
      found && (await collectBytes(found.open({ start: 11, end: 90_000 }))),
      bytes.subarray(11, 90_000),
    );
    assert.equal(service.seen.filter((request) => request.startsWith('GET')).length, 4);
  }));

test('an upload that the service cannot join is no blob, and is forgotten', () =>
  onService(async (blobs, service) => {
    service.fault(({ method, url }) =>
      method === 'POST' && url?.includes('uploadId') ? 'error with status 200' : undefined,
    );
    await assert.rejects(blobs.put('a', bytes), { code: 'overloaded' });
    service.fault(() => undefined);
    assert.equal(await blobs.find('a'), undefined);
    assert.equal(await service.count(), 0);
  }));

test('what a killed process left half sent is removed after a day, and nothing else', () =>
  onService(async (blobs, service) => {
    await blobs.put('kept', bytes);
    // The upload is begun, and then there is no line any more, not even to abort it.
    service.fault(({ method, url }) =>
      method === 'POST' && url?.endsWith('uploads=') ? undefined : 'hang up',
    );
    await assert.rejects(blobs.put('left', bytes), { code: 'overloaded' });
    service.fault(() => undefined);
    assert.deepEqual(await service.unfinished(), ['some/prefix/left']);
    await blobs.sweep();
    assert.deepEqual(await service.unfinished(), ['some/prefix/left']);
    service.age(25 * 60 * 60 * 1000);
    await blobs.sweep();
    assert.deepEqual(await service.unfinished(), []);
    assert.ok(await blobs.find('kept'));
  }));

test('a caller who stops reading stops the service, too', () =>
  onService(async (blobs, service) => {
    await blobs.put('a', bytes);
    const found = await blobs.find('a');
    for await (const chunk of found?.open() ?? []) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.equal(service.seen.filter((request) => request.startsWith('GET')).length, 1);
  }));

test('wrong credentials and a wrong bucket are the operator’s to mend, not the caller’s', () =>
  onService(async (_blobs, { place }) => {
    const stranger = createS3Blobs({ ...place, accessKeyId: 'nobody' });
    await assert.rejects(stranger.put('a', bytes), { code: 'internal' });
    await assert.rejects(stranger.find('a'), { code: 'internal' });
    const elsewhere = createS3Blobs({ ...place, bucketUrl: place.bucketUrl.replace('media', 'nowhere') });
    await assert.rejects(elsewhere.put('a', bytes), { code: 'internal' });
  }));

test('an address names a bucket at AWS, at the service of the environment, or anywhere', () => {
  const place = (address: string, environment = {}) => {
    const { bucketUrl, prefix, region } = toS3Place(address, { ...S3_ENVIRONMENT, ...environment });
    return `${bucketUrl} ${prefix} ${region}`;
  };
  assert.equal(place('s3://media'), 'https://s3.us-east-1.amazonaws.com/media  us-east-1');
  assert.equal(
    place('s3://media/a/b/', { AWS_REGION: 'eu-west-1' }),
    'https://s3.eu-west-1.amazonaws.com/media a/b/ eu-west-1',
  );
  assert.equal(
    place('s3://media/a', { AWS_ENDPOINT_URL: 'http://minio:9000/' }),
    'http://minio:9000/media a/ us-east-1',
  );
  assert.equal(place('http://minio:9000/media/a'), 'http://minio:9000/media a/ us-east-1');
  assert.throws(() => place('https://minio:9000'), /names no bucket/);
  assert.throws(() => toS3Place('s3://media', {}), /AWS_ACCESS_KEY_ID/);
});
