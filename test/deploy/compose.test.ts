import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { composeComplaints } from './compose-rules.ts';
import { complainOfFile } from './kubernetes-links.ts';
import { yamlDocuments } from './kubernetes-objects.ts';

const ONE = 'deploy/compose.yaml';
const SCALED = 'deploy/compose.scaled.yaml';

function complaintsOf(text: string): string {
  const [body] = yamlDocuments(text);
  return composeComplaints(body ?? null, text).join('\n');
}

for (const path of [ONE, SCALED]) {
  test(`nothing is wrong with ${path}`, () => {
    assert.equal(complaintsOf(readFileSync(path, 'utf8')), '');
  });
}

const PLANTED: readonly (readonly [path: string, from: string | RegExp, to: string, complaint: RegExp])[] = [
  [
    ONE,
    'image: antiphon:0.1.0',
    'image: antiphon:latest',
    /antiphon: the image antiphon:latest has no version/,
  ],
  [ONE, 'vllm/vllm-omni:v0.20.0', 'vllm/vllm-omni', /has no version/],
  [ONE, '      - data:/data', '      - dato:/data', /no dato in volumes/],
  [ONE, '      - data:/data', '      - ./data:/data', /nobody uses data of volumes/],
  [ONE, '      - engines\n', '      - engine\n', /no engine in networks/],
  [ONE, 'source: antiphon', 'source: settings', /no settings in configs/],
  [ONE, '${ANTIPHON_BIND:-127.0.0.1}:8484', '8484', /open to everybody/],
  [ONE, 'read_only: true', 'read_only: false', /root can be written/],
  [ONE, 'cap_drop: [ALL]', 'cap_drop: [NET_RAW]', /keeps capabilities/],
  [ONE, 'stop_grace_period: 45s', 'stop_grace_period: 15s', /killed before 40 s/],
  [ONE, '          memory: 4g', '          cpus: "2"', /no limit/],
  [ONE, "ANTIPHON_DRAIN_SECONDS: '30'", "ANTIPHON_DRAIN_TIME: '30'", /ANTIPHON_DRAIN_TIME is no setting/],
  [ONE, "ANTIPHON_DRAIN_SECONDS: '30'", "ANTIPHON_DRAIN_SECONDS: 'long'", /drainSeconds/],
  [
    ONE,
    'restart: unless-stopped',
    'restart: unless-stopped\n    privileged: true',
    /antiphon: it is privileged/,
  ],
  [SCALED, 'secrets: [postgres-password]', 'secrets: [password]', /no password in secrets/],
  [
    SCALED,
    'POSTGRES_PASSWORD_FILE: /run/secrets/postgres-password',
    'POSTGRES_PASSWORD: postgres',
    /POSTGRES_PASSWORD is written down/,
  ],
  [
    SCALED,
    'MINIO_ROOT_PASSWORD: ${BUCKET_SECRET:?make deploy/.env first}',
    'MINIO_ROOT_PASSWORD: ${BUCKET_SECRET:-minioadmin}',
    /BUCKET_SECRET may stay empty/,
  ],
  [SCALED, '      bucket:\n        condition', '      buckets:\n        condition', /no service buckets/],
  [
    SCALED,
    /healthcheck:\n {6}test: \[CMD, pg_isready[\s\S]*?start_period: 60s\n/,
    'labels: {}\n',
    /postgres has no health check/,
  ],
  [SCALED, 'restart: on-failure:5', 'restart: always', /make-bucket never ends/],
  [SCALED, 'image: postgres:18.4', 'image: postgres:latest', /has no version/],
];

for (const [path, from, to, complaint] of PLANTED) {
  test(`${path} with ${JSON.stringify(to)} is complained of`, () => {
    const text = readFileSync(path, 'utf8');
    const planted = text.replace(from, () => to);
    assert.notEqual(planted, text);
    let found: string;
    try {
      found = complaintsOf(planted);
    } catch (error) {
      found = String(error);
    }
    assert.match(found, complaint);
  });
}

test('every file that compose mounts exists, and the configuration files among them are understood', () => {
  for (const path of [ONE, SCALED]) {
    const files = [...readFileSync(path, 'utf8').matchAll(/(?:[-:] |:-)(\.\/[\w./-]+)/g)].map(
      ([, file]) => `deploy/${file}`,
    );
    assert.ok(files.length > 0);
    for (const file of files) assert.ok(existsSync(file.split(':')[0] ?? ''), `${path} names ${file}`);
  }
  const configs = readdirSync('deploy/compose').filter((name) => name.endsWith('.json'));
  assert.ok(configs.length === 2);
  for (const name of configs)
    assert.deepEqual(complainOfFile(readFileSync(`deploy/compose/${name}`, 'utf8')), []);
});

test('the remotes of the file for a graphics card are services, at the ports that these take', () => {
  const compose = readFileSync(ONE, 'utf8');
  const urls = [
    ...readFileSync('deploy/compose/gpu.config.json', 'utf8').matchAll(/"url": "http:\/\/(\w+):(\d+)"/g),
  ];
  assert.equal(urls.length, 2);
  for (const [, service, port] of urls)
    assert.match(compose, new RegExp(`^  ${service}:\\n[\\s\\S]*?--port, '${port}'`, 'm'));
});

test('HAProxy in compose.scaled.yaml finds its servers under the names of services', () => {
  const names = [
    ...readFileSync('deploy/haproxy/api.cfg', 'utf8').matchAll(/^ {4}server \S+ (\S+):8484$/gm),
  ].map(([, name]) => name);
  const scaled = readFileSync(SCALED, 'utf8');
  assert.deepEqual(names, ['api-1', 'api-2']);
  for (const name of names) assert.match(scaled, new RegExp(`^  ${name}:`, 'm'));
});

test('deploy/.env.example names every variable that compose reads, and gives none a value', () => {
  const lines = readFileSync('deploy/.env.example', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const read = readFileSync(SCALED, 'utf8')
    .matchAll(/(?<!\$)\$\{(\w+)/g)
    .map(([, name]) => name);
  assert.deepEqual(
    [...new Set(read)].map(String).toSorted(),
    lines.map((line) => line.replace(/=$/, '')).toSorted(),
  );
});

test('yamllint has nothing to say', (t) => {
  const rules =
    '{extends: default, rules: {line-length: {max: 130}, document-start: disable, truthy: {check-keys: false}}}';
  const { error, stdout } = spawnSync(
    'yamllint',
    ['--strict', '--format', 'parsable', '--config-data', rules, 'deploy'],
    { encoding: 'utf8' },
  );
  if (error) return t.skip('yamllint is not installed (Debian: apt-get install yamllint)');
  assert.equal(stdout, '');
});
