import { globSync, readFileSync } from 'node:fs';

/** Something on a page that a reader may run. */
export interface DocSample {
  readonly page: string;
  /** Of the page, counted from 1. */
  readonly line: number;
  readonly language: 'sh' | 'js' | 'python';
  readonly text: string;
}

/**
 * Everything in README.md, CONTRIBUTING.md and docs that is marked as shell, JavaScript or Python, page by page. Guides are not samples: what stands
 * in them builds on what stands before, and guides.test.ts and guides.long.ts follow them.
 */
export function docSamples(): readonly DocSample[] {
  const pages = globSync('docs/**/*.md').filter((page) => !page.startsWith('docs/adding/'));
  return ['README.md', 'CONTRIBUTING.md', ...pages.sort()].flatMap((page) => samplesOf(page));
}

/** The samples of one page. Fences may be indented, as in lists. */
export function samplesOf(page: string, text = readFileSync(page, 'utf8')): readonly DocSample[] {
  return [...text.matchAll(/^( *)```(\w+)\n([^]*?)^ *```$/gm)].flatMap((match) => {
    const { index } = match;
    const [, indent = '', word = '', body = ''] = match;
    const language = LANGUAGES[word];
    if (language === undefined) return [];
    const line = text.slice(0, index).split('\n').length;
    return [{ page, line, language, text: body.replace(new RegExp(`^${indent}`, 'gm'), '') }];
  });
}

const LANGUAGES: Readonly<Record<string, DocSample['language']>> = {
  sh: 'sh',
  bash: 'sh',
  shell: 'sh',
  console: 'sh',
  js: 'js',
  javascript: 'js',
  mjs: 'js',
  ts: 'js',
  typescript: 'js',
  py: 'python',
  python: 'python',
};

/** The commands of a sample, each in one line, without lines that only explain. */
export function commandsOf({ text }: Pick<DocSample, 'text'>): readonly string[] {
  return text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Something that a reader can run and that cannot be run here. */
export interface NotHere {
  readonly page: string;
  /** How it begins. */
  readonly begins: string;
  readonly reason: string;
}

const NO_DOCKER = 'no Docker daemon runs here; test/deploy holds the files to their rules';
const SERVES = 'installs everything and serves until it is stopped; test/program starts the server';
const OTHER_SERVER = 'a server by somebody else, with weights';

/** All of it, each with the reason. What is listed and could be run, or is not on its page, fails the test. */
export const NOT_HERE: readonly NotHere[] = [
  { page: 'README.md', begins: 'npm ci && npm start', reason: SERVES },
  { page: 'README.md', begins: 'npm ci && npm test', reason: 'runs these tests' },
  { page: 'CONTRIBUTING.md', begins: 'npm ci', reason: 'installs everything' },
  { page: 'CONTRIBUTING.md', begins: 'npm start', reason: SERVES },
  { page: 'CONTRIBUTING.md', begins: 'npm run check', reason: 'runs these tests' },
  { page: 'docs/sunset.md', begins: 'npm ci && npm start', reason: SERVES },
  { page: 'docs/deployment.md', begins: 'docker ', reason: NO_DOCKER },
  {
    page: 'docs/deployment.md',
    begins: 'ANTIPHON_CONFIG=./compose/gpu.config.json docker',
    reason: NO_DOCKER,
  },
  {
    page: 'docs/models.md',
    begins: 'antiphon models pull',
    reason: 'fetches weights from the internet; test/hub has them fetched from a hub of its own',
  },
  { page: 'docs/choosing-models.md', begins: 'antiphon models pull', reason: 'the same' },
  { page: 'docs/transcription.md', begins: 'antiphon models pull', reason: 'the same' },
  { page: 'docs/sunset.md', begins: 'npm run antiphon -- models pull', reason: 'the same' },
  {
    page: 'docs/operations.md',
    begins: 'antiphon move',
    reason: 'the addresses are to be filled in; tests of the transfer move between real databases',
  },
  {
    page: 'docs/scaling.md',
    begins: 'antiphon ',
    reason:
      'needs the PostgreSQL and S3 servers that it names; test/program/scaled-out.test.ts has real ones',
  },
  { page: 'docs/remote-engines.md', begins: 'whisper-server', reason: OTHER_SERVER },
  { page: 'docs/sd-server.md', begins: 'sd-server', reason: OTHER_SERVER },
  {
    page: 'docs/playground.md',
    begins: 'npx vite',
    reason: 'serves the sources of the pages until it is stopped',
  },
  {
    page: 'docs/reliability.md',
    begins: 'npm run torture',
    reason: 'takes minutes; test/torture runs a short form',
  },
  { page: 'docs/security.md', begins: 'npm audit', reason: 'asks the registry' },
  {
    page: 'docs/integrations/langchain.md',
    begins: 'import { OpenAIWhisperAudio }',
    reason: '@langchain/community is not installed',
  },
];

/** Why a command or a sample is not run here; undefined where it is. */
export function reasonNotHere(page: string, text: string): NotHere | undefined {
  return NOT_HERE.find((one) => one.page === page && text.startsWith(one.begins));
}
