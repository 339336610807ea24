import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectSocket, type Received } from '../socket-client.ts';
import { at, list, word, yamlDocuments } from './kubernetes-objects.ts';
import { surviveKills } from './pool-claims.ts';
import type { VisitedPool } from './pool-survival.ts';

test('machines behind HAProxy die in turn under load: no job is lost or doubled, and only what ran at the dead one breaks', async (t) => {
  const killed = ['api-1', 'worker-1'] as const;
  await surviveKills(t, { killed, visit: lookAround });
});

async function lookAround(pool: VisitedPool): Promise<void> {
  await speaksOverSocket(pool);
  await keepsFiguresInside(pool);
}

/** A WebSocket goes through the balancer. */
async function speaksOverSocket({ origin, key }: VisitedPool): Promise<void> {
  const url = `${origin}/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream-input?model_id=eleven_flash_v2_5`;
  const client = await connectSocket({ url, headers: { 'xi-api-key': key } });
  for (const text of [' ', 'Through the balancer. ', '']) client.send({ text });
  const isLast = (message: Received) => !Buffer.isBuffer(message) && message['isFinal'] === true;
  const heard = await client.until(
    (message) => !Buffer.isBuffer(message) && typeof message['audio'] === 'string',
  );
  await client.until(isLast);
  assert.ok(heard.length > 0);
  client.socket.close();
}

/** What Prometheus reads is there for it, has what the workers' autoscaler goes by, and is not shown to callers. */
async function keepsFiguresInside({ origin, behind, key }: VisitedPool): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  for (const path of ['/metrics', '/ready']) {
    assert.equal((await fetch(origin + path, { headers })).status, 404, path);
    assert.equal((await fetch(behind + path, { headers })).status, 200, path);
  }
  const figures = await (await fetch(`${behind}/metrics`, { headers })).text();
  const [values] = yamlDocuments(
    readFileSync('deploy/kubernetes/examples/prometheus-adapter-values.yaml', 'utf8'),
  );
  for (const rule of list(at(values, 'rules', 'external'))) {
    const [, name = '', label = ''] = /__name__="(\w+)",(\w+="\w+")/.exec(word(rule, 'seriesQuery')) ?? [];
    assert.match(figures, new RegExp(`^${name}\\{[^}]*${label}[^}]*\\} \\d`, 'm'));
    assert.match(word(rule, 'metricsQuery'), new RegExp(label));
  }
}
