import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElevenLabs, ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { unzipSync } from 'fflate';
import { listening } from '../support.ts';

const GEORGE = 'JBFqnCBsd6RMkjVDRZzb';

async function read(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

test('the JavaScript client lists, reads, hears, downloads and deletes what it had spoken', () =>
  listening({}, async ({ origin }) => {
    const client = new ElevenLabsClient({ apiKey: 'any', baseUrl: origin });
    const spoken: { id: string; requestId: string; bytes: Buffer }[] = [];
    for (const text of ['The first one', 'and the second.']) {
      const previousRequestIds = spoken.map(({ requestId }) => requestId);
      const { data, rawResponse } = await client.textToSpeech
        .convert(GEORGE, { text, previousRequestIds })
        .withRawResponse();
      const bytes = await read(data);
      const headers = rawResponse.headers;
      const [id, requestId] = [headers.get('history-item-id'), headers.get('request-id')];
      assert.ok(id && requestId);
      spoken.push({ id, requestId, bytes });
    }
    const [first, second] = spoken;
    assert.ok(first && second);

    const list = await client.history.list({ pageSize: 1, source: 'TTS', sortDirection: 'desc' });
    assert.deepEqual(
      list.history.map((item) => item.historyItemId),
      [second.id],
    );
    assert.equal(list.hasMore, true);
    const rest = await client.history.list({
      pageSize: 5,
      startAfterHistoryItemId: list.lastHistoryItemId ?? '',
    });
    assert.deepEqual(
      rest.history.map((item) => item.historyItemId),
      [first.id],
    );
    const item = await client.history.get(first.id);
    assert.equal(item.text, 'The first one');
    assert.equal(item.requestId, first.requestId);

    assert.ok((await read(await client.history.getAudio(first.id))).equals(first.bytes));
    const zip = await read(await client.history.download({ historyItemIds: [first.id, second.id] }));
    assert.equal(Object.keys(unzipSync(zip)).length, 2);
    const refused = client.history.download({ historyItemIds: [first.id], outputFormat: 'flac' });
    await assert.rejects(async () => refused, ElevenLabs.BadRequestError);

    assert.equal((await client.history.delete(first.id)).status, 'ok');
    await assert.rejects(
      async () => client.history.get(first.id),
      (error) => {
        return error instanceof ElevenLabsError && error.statusCode === 404;
      },
    );
  }));
