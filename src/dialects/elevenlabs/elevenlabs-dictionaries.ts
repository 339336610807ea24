import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import type { NewDictionary, RuleChange } from '../../core/dictionaries/dictionary-library.ts';
import type { DictionaryRecord } from '../../core/dictionaries/dictionary-record.ts';
import type { DictionaryRule } from '../../core/dictionaries/dictionary-rules.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findOnlyFile, lastValues, readForm } from '../parse-form.ts';
import {
  dictionaryBody,
  dictionaryChange,
  dictionaryFields,
  dictionaryPath,
  dictionaryQuery,
  rulesBody,
  ruleStringsBody,
  toWireRule,
  versionPath,
} from './elevenlabs-dictionary-schema.ts';
import { parseFields } from './elevenlabs-fields.ts';
import type { SpeechBody } from './elevenlabs-speech-schema.ts';

const PREFIX = '/v1/pronunciation-dictionaries';

/** Registers everything that can be done with pronunciation dictionaries. */
export function dictionaryRoutes(scope: FastifyInstance, core: Core): void {
  const { dictionaries } = core;
  scope.post(`${PREFIX}/add-from-rules`, async ({ body, antiphon }) => {
    const { rules, ...facts } = parseBody(dictionaryBody, body);
    return toCreated(await dictionaries.create(toNewDictionary(facts, rules), antiphon));
  });
  scope.post(`${PREFIX}/add-from-file`, async (request) => {
    const { lexicon, ...facts } = await readDictionaryForm(request);
    const draft = toNewDictionary(facts, lexicon ?? []);
    return toCreated(await blamingFile(() => dictionaries.create(draft, request.antiphon)));
  });
  scope.get(PREFIX, async (request) => listDictionaries(core, request));
  scope.get(`${PREFIX}/:id`, async ({ params, antiphon }) => {
    const { record, rules } = await dictionaries.get(parseBody(dictionaryPath, params).id, antiphon);
    return { ...toMeta(record), rules: rules.map(toWireRule) };
  });
  scope.patch(`${PREFIX}/:id`, async ({ params, body, antiphon }) => {
    const { archived, name } = parseBody(dictionaryChange, body);
    const change = {
      ...(typeof archived === 'boolean' ? { archived } : {}),
      ...(name ? { name } : {}),
    };
    return toMeta(await dictionaries.change(parseBody(dictionaryPath, params).id, change, antiphon));
  });
  scope.get(`${PREFIX}/:id/:version_id/download`, (request, reply) => download(core, request, reply));
  ruleRoutes(scope, core);
}

function ruleRoutes(scope: FastifyInstance, { dictionaries }: Core): void {
  const changing = (toChange: (body: unknown) => RuleChange) => async (request: FastifyRequest) => {
    const { id } = parseBody(dictionaryPath, request.params);
    const record = await dictionaries.changeRules(id, toChange(request.body), request.antiphon);
    return { id, version_id: record.latestVersionId, version_rules_num: record.latestRuleCount };
  };
  const withRules = (kind: 'add' | 'set') =>
    changing((body) => ({ kind, rules: parseBody(rulesBody, body).rules }));
  scope.post(`${PREFIX}/:id/add-rules`, withRules('add'));
  scope.post(`${PREFIX}/:id/set-rules`, withRules('set'));
  scope.post(
    `${PREFIX}/:id/remove-rules`,
    changing((body) => ({ kind: 'remove', graphemes: parseBody(ruleStringsBody, body).rule_strings })),
  );
}

type DictionaryFacts = ReturnType<typeof dictionaryFields.parse>;

function toNewDictionary(facts: DictionaryFacts, content: NewDictionary['content']): NewDictionary {
  const { name, description, workspace_access: access } = facts;
  return { name, content, ...(description ? { description } : {}), ...(access ? { access } : {}) };
}

/** Bytes of a form's file that are read at all. A lexicon has its own, lower limit; a file above it is told of it. */
const FORM_BYTES = 16 * 1024 * 1024;
const LEXICON_BYTES = 1024 * 1024;

async function readDictionaryForm(
  request: FastifyRequest,
): Promise<DictionaryFacts & { readonly lexicon?: Uint8Array }> {
  if (!request.isMultipart()) {
    const message = 'A dictionary file must be sent as multipart/form-data, with the part `file`.';
    throw new AppError('unsupported_media', message, { reason: 'content_type' });
  }
  const form = await readForm(request, { fileBytes: FORM_BYTES, files: 1 });
  // Some clients send the word null for a part that was left out.
  const sent = Object.entries(lastValues(form)).filter(
    ([name, value]) => name === 'name' || value !== 'null',
  );
  const facts = parseFields('body', dictionaryFields, Object.fromEntries(sent));
  if (form.fields.has('file')) {
    throw invalidFields([
      { path: ['file'], kind: 'malformed', message: 'must be a file part with a file name' },
    ]);
  }
  const media = findOnlyFile(form.files, 'file')?.media;
  // What is not held in memory is larger than any lexicon may be.
  if (media?.kind === 'file') {
    throw new AppError(
      'payload_too_large',
      `A lexicon may have at most ${LEXICON_BYTES} bytes; this one has ${media.source.byteLength}.`,
      { param: 'file' },
    );
  }
  return { ...facts, ...(media ? { lexicon: media.bytes } : {}) };
}

/** A file that cannot be read is a wrong field, like any other. */
async function blamingFile<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== 'invalid_lexicon') throw error;
    throw invalidFields([{ path: ['file'], kind: 'malformed', message: error.message }]);
  }
}

async function listDictionaries({ dictionaries }: Core, { query, antiphon }: FastifyRequest) {
  const asked = parseFields('query', dictionaryQuery, query);
  const { records, hasMore } = await dictionaries.list(
    {
      sort: asked.sort === 'name' ? 'name' : 'created',
      descending: asked.sort_direction.startsWith('desc'),
      includeArchived: asked.include_archived,
      limit: asked.page_size,
      ...(asked.cursor === undefined ? {} : { afterId: asked.cursor }),
    },
    antiphon,
  );
  return {
    pronunciation_dictionaries: records.map(toMeta),
    next_cursor: hasMore ? (records.at(-1)?.id ?? null) : null,
    has_more: hasMore,
  };
}

async function download(core: Core, { params, antiphon }: FastifyRequest, reply: FastifyReply) {
  const { id, version_id: versionId } = parseBody(versionPath, params);
  const { record } = await core.dictionaries.get(id, antiphon);
  const lexicon = await core.dictionaries.exportPls({ dictionaryId: id, versionId }, antiphon);
  const plainName = record.name.replace(/[^\w .-]/g, '_');
  return reply
    .type('text/plain; charset=utf-8')
    .header(
      'content-disposition',
      `attachment; filename="${plainName}.pls"; filename*=UTF-8''${encoded(record.name)}.pls`,
    )
    .send(lexicon);
}

/** As a header takes it (RFC 8187), which is stricter about quotes and brackets than an address. */
function encoded(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** What every answer about a dictionary tells. A caller sees only its own, and may do everything with them. */
function told(record: DictionaryRecord) {
  return {
    id: record.id,
    name: record.name,
    created_by: record.ownerId,
    creation_time_unix: seconds(record.createdAt),
    description: record.description,
    permission_on_resource: 'admin',
  };
}

function toCreated(record: DictionaryRecord) {
  return {
    ...told(record),
    version_id: record.latestVersionId,
    version_rules_num: record.latestRuleCount,
  };
}

function toMeta(record: DictionaryRecord) {
  return {
    ...told(record),
    latest_version_id: record.latestVersionId,
    latest_version_rules_num: record.latestRuleCount,
    archived_time_unix: record.archivedAt === undefined ? null : seconds(record.archivedAt),
  };
}

/** The rules that a request for speech names. Throws `not_found` for a dictionary or version that is not the caller's. */
export async function findPronunciations(
  core: Core,
  locators: SpeechBody['pronunciation_dictionary_locators'],
  context: RequestContext,
): Promise<readonly (readonly DictionaryRule[])[]> {
  const wanted = (locators ?? []).map(
    ({ pronunciation_dictionary_id: dictionaryId, version_id: versionId }) => ({
      dictionaryId,
      ...(versionId ? { versionId } : {}),
    }),
  );
  try {
    return await core.dictionaries.resolve(wanted, context);
  } catch (error) {
    if (!(error instanceof AppError) || error.subject !== 'dictionary') throw error;
    const { code, message, subject } = error;
    throw new AppError(code, message, { subject, param: 'pronunciation_dictionary_locators' });
  }
}
