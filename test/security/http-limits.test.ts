import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { listening, recordingLogger } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { answerTo, rawConnection, statuses } from './raw-connection.ts';

const SPEECH = JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Hello.', response_format: 'pcm' });
const SPEAK = 'POST /v1/audio/speech HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const MODELS = 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n';
const LAST = 'connection: close\r\n\r\n';

/** A hundredth of the usual patience: what counts is the order of things, not their time. */
const HASTY = { headersMs: 200, bodyMs: 200, checkMs: 20 };

/** What is said of no request of a vendor's: short, JSON, and nothing of our insides. */
function assertShort(heard: string): void {
  const [, body = ''] = heard.split('\r\n\r\n');
  assert.ok(body.length < 300, body);
  const answer: unknown = JSON.parse(body);
  assert.ok(typeof answer === 'object' && answer !== null && 'error' in answer);
  assert.doesNotMatch(body, /node_modules|at \w+ \(|HPE_|\.ts/);
  assert.match(heard, /\r\nconnection: close\r\n/i);
  assert.match(heard, /\r\nx-content-type-options: nosniff\r\n/i);
}

describe('what comes before anybody knows who is calling', () => {
  test('an address that is too long is refused with 414, in the words of the vendor as long as there are any', () =>
    listening({}, async ({ origin }) => {
      const long = `GET /v1/models?x=${'a'.repeat(9000)} HTTP/1.1\r\nhost: localhost\r\n${LAST}`;
      const heard = await answerTo(origin, long);
      assert.deepEqual(statuses(heard), [414]);
      assert.match(heard, /"type":"invalid_request_error"/);
      const endless = await answerTo(origin, `GET /${'a'.repeat(40_000)}`);
      assert.deepEqual(statuses(endless), [414]);
      assertShort(endless);
    }));

  test('headers that are too large or too many are refused with 431', () =>
    listening({}, async ({ origin }) => {
      const large = await answerTo(origin, `${MODELS}x-large: ${'a'.repeat(20_000)}\r\n${LAST}`);
      assert.deepEqual(statuses(large), [431]);
      assertShort(large);
      const many = Array.from({ length: 250 }, (_, index) => `x-${index}: 1\r\n`).join('');
      const heard = await answerTo(origin, `${MODELS}${many}${LAST}`);
      assert.deepEqual(statuses(heard), [431]);
      assert.match(heard, /may have 200 headers/);
      assert.deepEqual(statuses(await answerTo(origin, `${MODELS}${LAST}`)), [200]);
    }));

  test('who says nothing, or begins and never ends its headers, is sent away', () =>
    listening({ limits: HASTY }, async ({ origin }) => {
      const silent = await rawConnection(origin);
      const slow = await rawConnection(origin);
      slow.socket.write('GET /v1/models HTTP/1.1\r\nhost: local');
      const dripping = setInterval(() => slow.socket.write('x'), 10);
      await Promise.all([silent.closed, slow.closed]);
      clearInterval(dripping);
      for (const { heard } of [silent, slow]) {
        assert.deepEqual(statuses(heard()), [408]);
        assertShort(heard());
      }
    }));

  test('a body that does not come, or only drips, is given up', () =>
    listening({ limits: HASTY }, async ({ origin }) => {
      const silent = await rawConnection(origin);
      silent.socket.write(`${SPEAK}content-length: 1000\r\n\r\n{"model":`);
      const dripping = await rawConnection(origin);
      dripping.socket.write(`${SPEAK}transfer-encoding: chunked\r\n\r\n`);
      const timer = setInterval(() => dripping.socket.write('1\r\n \r\n'), 10);
      await Promise.all([silent.closed, dripping.closed]);
      clearInterval(timer);
      assert.deepEqual([statuses(silent.heard()), statuses(dripping.heard())], [[408], [408]]);
    }));

  test('a body that takes far longer, but comes on, is taken', () =>
    listening({ limits: { ...HASTY, bodyBytes: 100 } }, async ({ origin }) => {
      const slow = await rawConnection(origin);
      const body = `${' '.repeat(4000)}${SPEECH}`;
      slow.socket.write(`${SPEAK}content-length: ${body.length}\r\n${LAST}`);
      const began = performance.now();
      for (let start = 0; start < body.length; start += 300) {
        slow.socket.write(body.slice(start, start + 300));
        await pause(50);
      }
      await slow.closed;
      assert.ok(performance.now() - began > 2 * HASTY.bodyMs);
      assert.deepEqual(statuses(slow.heard()), [200]);
    }));

  test('a request that is answered slowly is not taken for one that comes slowly', () =>
    listening({ limits: HASTY, engines: [toneEngine({ gate: pause(600) })] }, async ({ origin }) => {
      const heard = await answerTo(origin, `${SPEAK}content-length: ${SPEECH.length}\r\n${LAST}${SPEECH}`);
      assert.deepEqual(statuses(heard), [200]);
    }));

  test('a connection without a request is closed after a while', () =>
    listening({ limits: { keepAliveMs: 50, checkMs: 20 } }, async ({ origin }) => {
      const idle = await rawConnection(origin);
      idle.socket.write(`${MODELS}\r\n`);
      await idle.closed;
      assert.deepEqual(statuses(idle.heard()), [200]);
    }));
});

describe('bytes that two machines could read differently', () => {
  const refused: readonly (readonly [what: string, said: string])[] = [
    ['a length and chunks', `${SPEAK}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /`],
    ['chunks and a length', `${SPEAK}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\nGET /`],
    ['two lengths', `${SPEAK}content-length: 2\r\ncontent-length: 7\r\n\r\n{}`],
    ['two equal lengths', `${SPEAK}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`],
    ['a list of lengths', `${SPEAK}content-length: 2, 2\r\n\r\n{}`],
    ['a length with a sign', `${SPEAK}content-length: +2\r\n\r\n{}`],
    ['a negative length', `${SPEAK}content-length: -2\r\n\r\n{}`],
    ['a hexadecimal length', `${SPEAK}content-length: 0x2\r\n\r\n{}`],
    ['chunks that are not last', `${SPEAK}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${SPEAK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an encoding that only looks like chunks', `${SPEAK}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a space before a colon', `${SPEAK}content-length : 2\r\n\r\n{}`],
    ['a folded header', `${SPEAK}x-a: b\r\n content-length: 2\r\n\r\n{}`],
    ['lines that end in half', `${MODELS.replaceAll('\r\n', '\n')}\n`],
    ['a return inside a header', `${MODELS}x-a: b\rcontent-length: 2\r\n${LAST}`],
    ['a zero byte in a header', `${MODELS}x-a: b\0c\r\n${LAST}`],
    ['no host', `GET /v1/models HTTP/1.1\r\n${LAST}`],
    ['two hosts', `${MODELS}host: elsewhere\r\n${LAST}`],
    ['a wrong size of a chunk', `${SPEAK}transfer-encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n`],
    ['a size that is no number', `${SPEAK}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a size with half a line end', `${SPEAK}transfer-encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/3.7', `GET / HTTP/3.7\r\nhost: localhost\r\n${LAST}`],
    ['an invented method', `STEAL /v1/models HTTP/1.1\r\nhost: localhost\r\n${LAST}`],
  ];
  for (const [what, said] of refused) {
    test(`${what}: refused with 400, and nothing after it is taken for a request`, () =>
      listening({}, async ({ origin }) => {
        const smuggled = `GET /antiphon/v1/capabilities HTTP/1.1\r\nhost: localhost\r\n${LAST}`;
        const heard = await answerTo(origin, Buffer.from(said + smuggled, 'latin1'));
        assert.deepEqual(statuses(heard).slice(0, 1), [400], heard);
        assert.doesNotMatch(heard, / 200 OK/);
      }));
  }

  test('nonsense after a good request does not take its answer away, and ends the connection', async () => {
    const gate = Promise.withResolvers<void>();
    await listening({ engines: [toneEngine({ gate: gate.promise })] }, async ({ origin }) => {
      const connection = await rawConnection(origin);
      connection.socket.write(`${SPEAK}content-length: ${SPEECH.length}\r\n\r\n${SPEECH}NONSENSE\r\n\r\n`);
      await (await fetch(`${origin}/v1/models`)).arrayBuffer();
      gate.resolve();
      await connection.closed;
      assert.deepEqual(statuses(connection.heard()), [200]);
      assert.match(connection.heard(), /\r\n0\r\n\r\n$/);
      assert.doesNotMatch(connection.heard(), /well-formed/);
    });
  });

  test('what is wrong with a request is nothing to wake the operator for', async () => {
    const log = recordingLogger();
    await listening({ log, limits: HASTY }, async ({ origin }) => {
      await answerTo(origin, 'NONSENSE\r\n\r\n');
      const slow = await rawConnection(origin);
      slow.socket.write(`${SPEAK}content-length: 1000\r\n\r\n{`);
      await slow.closed;
    });
    assert.deepEqual(
      log.entries.filter(({ level }) => level === 'error' || level === 'warn'),
      [],
    );
  });

  test("who hangs up in the middle of a form is nobody's fault, and the log says so", async () => {
    const log = recordingLogger();
    await listening({ log }, async ({ origin }) => {
      const { socket, closed } = await rawConnection(origin);
      const form = 'content-type: multipart/form-data; boundary=b\r\ncontent-length: 1000\r\n\r\n--b\r\n';
      socket.write(`POST /v1/audio/transcriptions HTTP/1.1\r\nhost: localhost\r\n${form}`);
      await free(origin);
      socket.destroy();
      await closed;
      for (let round = 0; round < 3; round += 1) await free(origin);
    });
    assert.deepEqual(
      log.entries.filter(({ level }) => level === 'error'),
      [],
    );
  });

  test('who sends more than is taken hears so when all is sent, and not while nobody there listens', () =>
    listening({}, async ({ origin }) => {
      const { socket, closed, heard } = await rawConnection(origin);
      const most = Buffer.alloc(9 * 1024 * 1024, 0x20);
      socket.write(`${SPEAK}content-length: ${most.length}\r\n\r\n`);
      for (let round = 0; round < 3; round += 1) await free(origin);
      assert.equal(heard(), '');
      socket.write(most);
      await closed;
      assert.deepEqual(statuses(heard()), [413]);
    }));

  test('an expectation that nobody knows is passed over', () =>
    listening({}, async ({ origin }) => {
      const heard = await answerTo(origin, `${MODELS}expect: a-miracle\r\n${LAST}`);
      assert.deepEqual(statuses(heard), [200]);
    }));
});

describe('how many there may be', () => {
  test('connections of one address: the next is told so, and may come when another has gone', () =>
    listening({ limits: { connectionsPerAddress: 3, uncounted: [] } }, async ({ origin }) => {
      const held = await Promise.all(Array.from({ length: 3 }, () => rawConnection(origin)));
      await held[0]?.until(/^$/);
      const heard = await answerTo(origin, '');
      assert.deepEqual(statuses(heard), [503]);
      assert.match(heard, /\r\nretry-after: 5\r\n/);
      assertShort(heard);
      for (const { socket } of held) socket.destroy();
      await free(origin);
    }));

  test('connections of all addresses together', () =>
    listening({ limits: { connections: 2 } }, async ({ origin }) => {
      const held = await Promise.all([rawConnection(origin), rawConnection(origin)]);
      assert.deepEqual(statuses(await answerTo(origin, '')), [503]);
      for (const { socket } of held) socket.destroy();
      await free(origin);
    }));

  test('a connection too many is not listened to, whatever it asks', () =>
    listening({ limits: { connections: 1 } }, async ({ origin }) => {
      const held = await rawConnection(origin);
      held.socket.write(`${MODELS}\r\n`);
      await held.until(/ 200 /);
      assert.deepEqual(statuses(await answerTo(origin, `${MODELS}\r\n`)), [503]);
      held.socket.destroy();
    }));

  test('requests on one connection before the first is answered', async () => {
    const gate = Promise.withResolvers<void>();
    await listening({ engines: [toneEngine({ gate: gate.promise })] }, async ({ origin }) => {
      const few = await rawConnection(origin);
      few.socket.write(`${MODELS}\r\n`.repeat(20) + `${MODELS}${LAST}`);
      await few.closed;
      assert.deepEqual(
        statuses(few.heard()),
        Array.from({ length: 21 }, () => 200),
      );
      const good = `${SPEAK}content-length: ${SPEECH.length}\r\n\r\n${SPEECH}`;
      const heard = await answerTo(origin, good.repeat(100));
      gate.resolve();
      assert.deepEqual(statuses(heard), []);
    });
  });

  test('open sockets of one address: the next is refused by its vendor, and may come when another has gone', () =>
    listening({ limits: { socketsPerAddress: 2, uncounted: [] } }, async ({ origin }) => {
      const upgrade =
        'GET /api/v1/generate/ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
      const open = async () => {
        const connection = await rawConnection(origin);
        connection.socket.write(upgrade);
        await connection.until(/HTTP\/1\.1 \d+ [^]*\r\n\r\n/);
        return connection;
      };
      const held = [await open(), await open()];
      assert.deepEqual(
        held.map(({ heard }) => statuses(heard())),
        [[101], [101]],
      );
      const third = await open();
      assert.deepEqual(statuses(third.heard()), [503]);
      assert.match(third.heard(), /too many open WebSockets/);
      held[0]?.socket.destroy();
      await held[0]?.closed;
      for (let tries = 0; tries < 100; tries += 1) {
        const again = await open();
        again.socket.destroy();
        if (statuses(again.heard())[0] === 101) break;
        assert.ok(tries < 99, 'the place never became free');
      }
      held[1]?.socket.destroy();
    }));
});

/** Asks until somebody is let in. */
async function free(origin: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`${origin}/v1/models`, { headers: { connection: 'close' } });
    await answer.body?.cancel();
    if (answer.status === 200) return;
  }
  assert.fail('nobody is let in any more');
}
