import { json, type DialectDocs, type OperationDocs } from '../operation-docs.ts';
import answers from './admin-answers.json' with { type: 'json' };
import { capabilitiesQuery } from './admin-capabilities.ts';
import { address } from './admin-files.ts';
import { listQuery } from './admin-jobs.ts';
import { changeBody, orderBody, rotateBody } from './admin-keys.ts';
import { purgeQuery } from './admin-purge.ts';
import { usageQuery } from './admin-usage.ts';
import { pullBody } from './admin-weights.ts';

const KEYS = { tag: 'Keys' };
const JOBS = { tag: 'Jobs' };
const WEIGHTS = { tag: 'Weights' };
const SERVER = { tag: 'Server' };

const KEY = { id: { about: 'The id of a key, never the key itself.', example: 'key_0123456789ab' } };
const JOB = { id: { about: 'The id of a job.', example: '01234567-89ab-4def-8123-456789abcdef' } };
const WEIGHT = {
  engine: { about: 'The engine.', example: 'sherpa' },
  name: { about: 'The model.', example: 'kitten-nano-en' },
};
const RELOADED = {
  changed: ['prices'],
  needs_restart: ['port'],
  remotes: { started: ['gpu-box'], stopped: [], down: [{ id: 'old-box', reason: 'nothing answers there' }] },
};

const ADMIN = 'For administrators.';

const operations: Readonly<Record<string, OperationDocs>> = {
  'GET /capabilities': {
    ...SERVER,
    summary: 'Tell what becomes of every parameter',
    about:
      'By model, dialect and parameter: honoured, adjusted, ignored or refused. Computed by what applies them.',
    query: capabilitiesQuery,
    asks: { model: 'tts-1', dialect: 'openai' },
  },
  'GET /engines': { ...SERVER, summary: 'Tell which engines are up, and how busy they are' },
  'GET /voices': { ...SERVER, summary: 'List every voice that you can speak with' },
  'GET /usage': {
    ...SERVER,
    summary: 'Tell what was used',
    about: 'Of your key; of all keys for administrators. As a table with `format=csv`.',
    query: usageQuery,
    gives: ['text/csv'],
  },
  'GET /webhook-secret': {
    ...SERVER,
    summary: 'Show the secret that webhooks are signed with',
    about: ADMIN,
  },
  'POST /reload': { ...SERVER, summary: 'Read the configuration anew', about: ADMIN, shows: RELOADED },
  'GET /keys/me': { ...KEYS, summary: 'Show who calls, what the key is for and what is left of it' },
  'GET /keys': { ...KEYS, summary: 'List keys', about: ADMIN },
  'POST /keys': {
    ...KEYS,
    summary: 'Make a key',
    about: `${ADMIN} The answer is the only place where the key itself ever stands.`,
    bodies: [
      json(orderBody, {
        key: {
          name: 'ada',
          scopes: { capabilities: ['speech'] },
          limits: { requestsPerMinute: 60, charactersPerDay: 100_000 },
        },
      }),
    ],
  },
  'GET /keys/:id': { ...KEYS, summary: 'Show a key', about: ADMIN, path: KEY },
  'PATCH /keys/:id': {
    ...KEYS,
    summary: 'Change what a key is for',
    about: ADMIN,
    path: KEY,
    bodies: [json(changeBody, { renamed: { name: 'ada, laptop' } })],
  },
  'POST /keys/:id/rotate': {
    ...KEYS,
    summary: 'Give a key a new secret',
    about: `${ADMIN} The old one holds for \`graceSeconds\` more.`,
    path: KEY,
    bodies: [json(rotateBody, { rotated: { graceSeconds: 60 } })],
  },
  'DELETE /keys/:id': { ...KEYS, summary: 'End a key', about: ADMIN, path: KEY },
  'DELETE /keys/:id/data': {
    ...KEYS,
    summary: 'Forget everything that belongs to a key',
    about: ADMIN,
    path: KEY,
    query: purgeQuery,
  },
  'GET /models': { ...WEIGHTS, summary: 'List the weights that exist, and which are installed' },
  'GET /models/:engine/:name': { ...WEIGHTS, summary: 'Show the state of weights', path: WEIGHT },
  'POST /models/:engine/:name/pull': {
    ...WEIGHTS,
    summary: 'Fetch weights',
    about: `${ADMIN} With \`Accept: text/event-stream\` progress arrives as events.`,
    path: WEIGHT,
    bodies: [json(pullBody, { pull: { acceptLicence: true } })],
    gives: ['text/event-stream'],
    shows: { id: 'sherpa/kitten-nano-en', engine: 'sherpa', state: 'installed' },
  },
  'DELETE /models/:engine/:name': {
    ...WEIGHTS,
    summary: 'Remove weights',
    about: ADMIN,
    path: WEIGHT,
    shows: { id: 'sherpa/kitten-nano-en', freedBytes: 26_214_400 },
  },
  'GET /jobs': { ...JOBS, summary: 'List your jobs', query: listQuery },
  'GET /jobs/:id': { ...JOBS, summary: 'Show a job', path: JOB },
  'GET /jobs/:id/events': {
    ...JOBS,
    summary: 'Watch a job',
    about: 'Events with the job in each, until it has ended.',
    path: JOB,
    gives: ['text/event-stream'],
  },
  'GET /jobs/:id/result': {
    ...JOBS,
    summary: 'Fetch what came of a job',
    about: 'Of a request that was kept: its very answer, with its status. Otherwise what was made.',
    path: JOB,
    gives: ['audio/mpeg', 'video/mp4'],
  },
  'POST /jobs/:id/retry': { ...JOBS, summary: 'Do a job again that failed or was cancelled', path: JOB },
  'DELETE /jobs/:id': {
    ...JOBS,
    summary: 'Cancel a job, or forget one that has ended',
    about: 'Of a job that was at work or waited the answer is the job; of one that had ended, 204.',
    path: JOB,
  },
  'GET /files/:id/:filename': {
    tag: 'Files',
    summary: 'Fetch something that was made',
    about:
      'With a key, or by the signed address that stands in answers (`expires`, `signature`). Parts of it may be asked for (`Range`).',
    path: {
      id: { about: 'The id of a file.', example: '0123456789abcdef0123456789abcdef' },
      filename: { about: 'Its name.', example: 'sound.mp3' },
    },
    query: address,
    gives: ['audio/mpeg', 'audio/wav', 'image/png', 'video/mp4'],
  },
};

/** What the dialect says of itself. */
export const adminDocs: DialectDocs = {
  about:
    'Antiphon’s own API: keys, jobs, files, weights, and what this installation can do. A key goes into `Authorization: Bearer`, or into `xi-api-key`.',
  security: {
    key: { type: 'http', scheme: 'bearer', description: 'A key of this server.' },
    xiKey: { type: 'apiKey', in: 'header', name: 'xi-api-key', description: 'The same, in another header.' },
  },
  tags: {
    Server: 'What is here, and what it does.',
    Keys: 'Who may call, for what and how much.',
    Jobs: 'Work that is done in its own time.',
    Files: 'What was made.',
    Weights: 'Models that can be fetched.',
  },
  operations,
  answers,
};
