import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listening } from '../support.ts';
import { connectSocket } from '../socket-client.ts';

const PATHS = ['/api/v1/generate/ws', '/v1/realtime?intent=transcription'];

describe('a message on a socket that is larger than any vendor takes', () => {
  for (const path of PATHS) {
    test(`ends the connection to ${path}, whole or in pieces, and nobody else's`, () =>
      listening({}, async ({ origin }) => {
        const url = `${origin}${path}`;
        const other = await connectSocket({ url });
        const whole = await connectSocket({ url });
        whole.socket.on('error', () => undefined);
        whole.socket.send('x'.repeat(22 * 1024 * 1024));
        assert.equal((await whole.closed).code, 1009);
        const pieces = await connectSocket({ url });
        pieces.socket.on('error', () => undefined);
        const piece = Buffer.alloc(1024 * 1024);
        for (let sent = 0; sent < 23; sent += 1) pieces.socket.send(piece, { fin: false });
        assert.equal((await pieces.closed).code, 1009);
        assert.equal(other.socket.readyState, other.socket.OPEN);
        other.socket.terminate();
      }));
  }
});

test('compression, with which a small message would become a large one, is not agreed to', () =>
  listening({}, async ({ origin }) => {
    const client = await connectSocket({ url: `${origin}/api/v1/generate/ws`, perMessageDeflate: true });
    assert.equal(client.socket.extensions, '');
    client.socket.terminate();
  }));
