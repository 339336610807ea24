import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  dockerfileStages,
  pairsOf,
  withArguments,
  type DockerfileStage,
  type DockerfileStep,
} from '../test/deploy/dockerfile-steps.ts';

/** An image that was made without a container engine: a folder that is the root of its file system, and how it starts. */
export interface ReplayedImage {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

/** What a replay starts from. */
export interface ReplaySettings {
  readonly dockerfile: string;
  readonly ignore: string;
  /** The folder that `docker build` would be given. */
  readonly context: string;
  /** A folder for the stages. */
  readonly work: string;
  readonly arguments: Readonly<Record<string, string>>;
}

interface Stage {
  readonly root: string;
  readonly values: Record<string, string>;
  environment: Record<string, string>;
  workingFolder: string;
  user: string;
  entrypoint: readonly string[];
  command: readonly string[];
  healthCheck: readonly string[];
}

/**
 * Does what a Dockerfile says: each stage is a folder, in which its steps run with that folder as their root. Debian's
 * programs are those of this machine, read-only; the Node.js is the pinned one. Needs Linux and root.
 */
export function replayDockerfile(settings: ReplaySettings): ReplayedImage {
  const { defaults, stages } = dockerfileStages(settings.dockerfile);
  const values = { ...defaults, ...settings.arguments };
  const last = stages.at(-1);
  if (!last) throw new Error('The Dockerfile has no stage.');
  const built = new Map<string, Stage>();
  // As BuildKit does: only what the last stage needs.
  const build = (wanted: string): Stage => {
    const known = built.get(wanted);
    if (known) return known;
    const stage = stages.find(({ name }) => name === wanted);
    if (!stage) throw new Error(`No stage is called ${wanted}.`);
    const made = runStage(stage, {
      ...settings,
      values,
      build,
      isStage: (name) => stages.some((one) => one.name === name),
    });
    built.set(wanted, made);
    return made;
  };
  return build(last.name);
}

interface Building extends ReplaySettings {
  readonly values: Readonly<Record<string, string>>;
  readonly build: (stage: string) => Stage;
  readonly isStage: (name: string) => boolean;
}

function runStage(written: DockerfileStage, building: Building): Stage {
  const from = withArguments(written.from, building.values);
  const root = join(building.work, written.name);
  const parent = building.isStage(from) ? building.build(from) : undefined;
  const stage: Stage = parent
    ? { ...parent, root, values: {}, environment: { ...parent.environment } }
    : baseStage(root);
  if (parent) execFileSync('cp', ['-a', parent.root, root]);
  for (const step of written.steps) {
    console.log(`[${written.name}] ${step.instruction} ${step.text}`);
    runStep(step, stage, building);
  }
  return stage;
}

/** What stands in for the official image of Node.js. */
function baseStage(root: string): Stage {
  for (const folder of [
    'usr',
    'bin',
    'sbin',
    'lib',
    'lib64',
    'etc',
    'proc',
    'dev',
    'tmp',
    'root',
    'opt',
    'local/bin',
  ])
    mkdirSync(join(root, folder), { recursive: true });
  execFileSync('chmod', ['1777', join(root, 'tmp')]);
  cpSync(process.execPath, join(root, 'local/bin/node'));
  symlinkSync('/usr/lib/node_modules/npm/bin/npm-cli.js', join(root, 'local/bin/npm'));
  return {
    root,
    values: {},
    environment: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    workingFolder: '/',
    user: '0:0',
    entrypoint: [],
    command: [],
    healthCheck: [],
  };
}

function runStep({ instruction, text }: DockerfileStep, stage: Stage, building: Building): void {
  const filled = withArguments(text, { ...building.values, ...stage.values, ...stage.environment });
  const actions: Readonly<Record<string, () => void>> = {
    ARG: () => Object.assign(stage.values, pairsOf(filled)),
    ENV: () => Object.assign(stage.environment, pairsOf(filled)),
    WORKDIR: () => {
      stage.workingFolder = filled;
      mkdirSync(join(stage.root, filled), { recursive: true });
    },
    USER: () => {
      stage.user = filled;
    },
    COPY: () => copy(filled.split(' '), stage, building),
    RUN: () => runInStage(text, stage, building),
    ENTRYPOINT: () => {
      stage.entrypoint = stringsOf(filled);
    },
    CMD: () => {
      stage.command = stringsOf(filled);
    },
    HEALTHCHECK: () => {
      stage.healthCheck = stringsOf(filled.slice(filled.indexOf('CMD') + 'CMD'.length));
    },
    LABEL: () => {},
    EXPOSE: () => {},
    STOPSIGNAL: () => {},
    VOLUME: () => mkdirSync(join(stage.root, filled), { recursive: true }),
  };
  const action = actions[instruction];
  if (!action) throw new Error(`The replay does not know ${instruction}.`);
  action();
}

function stringsOf(json: string): readonly string[] {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) throw new Error(`${json} is not written as a list.`);
  return parsed.map(String);
}

function copy(words: readonly string[], stage: Stage, { build, context, ignore }: Building): void {
  const flag = /^--from=(.+)$/.exec(words[0] ?? '');
  const [target = '', ...sources] = words.slice(flag ? 1 : 0).toReversed();
  const from = flag?.[1] === undefined ? context : build(flag[1]).root;
  const excludes = flag ? () => false : ignoring(ignore);
  for (const source of sources) {
    const place = target.endsWith('/') ? join(target, source) : target;
    const isAbsolute = place.startsWith('/');
    cpSync(
      join(from, source),
      isAbsolute ? join(stage.root, place) : join(stage.root, stage.workingFolder, place),
      {
        recursive: true,
        verbatimSymlinks: true,
        filter: (file) => statSync(file).isDirectory() || !excludes(relative(from, file)),
      },
    );
  }
}

/** Whether the rules of a `.dockerignore` leave a file out: the last that fits counts. */
export function ignoring(rules: string): (file: string) => boolean {
  const parsed = rules
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: toPattern(line.replace(/^!/, '')) }));
  return (file) => {
    const places = [file];
    for (let place = dirname(file); place !== '.'; place = dirname(place)) places.push(place);
    const rule = parsed.findLast(({ pattern }) => places.some((place) => pattern.test(place)));
    return rule !== undefined && !rule.keeps;
  };
}

/** Stars stand for names with a dot at their beginning too, as Docker has it. */
function toPattern(rule: string): RegExp {
  const escaped = rule.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const parts = escaped
    .split(/(\*\*\/|\*)/)
    .map((part) => ({ '**/': '(?:.*/)?', '*': '[^/]*' })[part] ?? part);
  return new RegExp(`^${parts.join('')}$`);
}

const NPM_CACHE = /--mount=type=cache,target=(\S+)\s*/;

function runInStage(text: string, stage: Stage, building: Building): void {
  const cache = NPM_CACHE.exec(text)?.[1];
  const mounts = cache
    ? [
        `mkdir -p "$ROOT${cache}" "${building.work}/cache"`,
        `mount --bind "${building.work}/cache" "$ROOT${cache}"`,
      ]
    : [];
  if (existsSync('/root/.npmrc'))
    mounts.push('touch "$ROOT/root/.npmrc"', 'mount --bind /root/.npmrc "$ROOT/root/.npmrc"');
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)/i.test(name),
  );
  const environment = { ...Object.fromEntries(passed), ...stage.environment, ...stage.values, HOME: '/root' };
  execFileSync(
    'unshare',
    ['--mount', 'sh', '-ec', [...standing(), ...mounts, entering('sh -ec "$STEP"', stage)].join('\n')],
    {
      stdio: 'inherit',
      env: { ...variables({ ...stage, environment }), STEP: text.replace(NPM_CACHE, '') },
    },
  );
}

/** The mounts under which the folder `$ROOT` is a whole Debian. */
function standing(): readonly string[] {
  const kept = ['bin', 'sbin', 'lib', 'lib64', 'etc'];
  return [
    'mount --make-rprivate /',
    'mount --bind "$ROOT" "$ROOT"',
    'mount --bind -o ro /usr "$ROOT/usr"',
    'mount --bind "$ROOT/local" "$ROOT/usr/local"',
    ...kept.map((folder) => `[ ! -e /${folder} ] || mount --bind -o ro /${folder} "$ROOT/${folder}"`),
    'mount --rbind /proc "$ROOT/proc"',
    'mount --rbind /dev "$ROOT/dev"',
  ];
}

function variables({ root, environment }: Pick<Stage, 'root' | 'environment'>): Record<string, string> {
  const list = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return { PATH: process.env['PATH'] ?? '', ROOT: root, VARIABLES: list.join('\n') };
}

function entering(command: string, { workingFolder }: Pick<Stage, 'workingFolder'>): string {
  return `IFS='\n'; set -f; exec chroot "$ROOT" env -i STEP="$STEP" $VARIABLES sh -ec 'cd "${workingFolder}"; exec ${command}'`;
}

/** How an image is run: what it sees of the machine besides its own files. */
export interface RunSettings {
  readonly arguments: readonly string[];
  /** The folder that is its `/data`. */
  readonly data: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Starts an image as `docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges` would, on the
 * network of this machine.
 */
export function runImage(
  image: ReplayedImage,
  command: readonly string[],
  settings: RunSettings,
): ChildProcess {
  const [user = '', group = ''] = image.user.split(':');
  const dropped = '--clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all';
  const script = [
    ...standing(),
    'mount --bind "$DATA" "$ROOT/data"',
    'mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"',
    'mount -o remount,bind,ro "$ROOT/usr/local"',
    'mount -o remount,bind,ro "$ROOT"',
    `IFS='\n'; set -f; exec chroot "$ROOT" env -i $VARIABLES sh -c 'cd /app; exec setpriv --reuid=${user} --regid=${group} ${dropped} "$@"' - "$@"`,
  ];
  const environment = { ...image.environment, ...settings.environment };
  return spawn(
    'unshare',
    ['--mount', 'sh', '-ec', script.join('\n'), '-', ...command, ...settings.arguments],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...variables({ root: image.root, environment }), DATA: settings.data },
    },
  );
}

/** Bytes of all files in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Reads the two files that say how the image is made. */
export function imageFiles(): Pick<ReplaySettings, 'dockerfile' | 'ignore'> {
  return {
    dockerfile: readFileSync('deploy/Dockerfile', 'utf8'),
    ignore: readFileSync('deploy/Dockerfile.dockerignore', 'utf8'),
  };
}
