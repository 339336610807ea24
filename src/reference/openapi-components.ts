import type { DialectDocs } from '../dialects/operation-docs.ts';
import { errorResponses, type ErrorAnswer } from './error-answers.ts';
import { optionalHeader } from './openapi-parameters.ts';
import type { JsonSchema } from './wire-schemas.ts';

/** What every document says once: keys, our headers, the answer to those who come back later, and failures. */
export function componentsOf({ security }: DialectDocs, errors: readonly ErrorAnswer[]): JsonSchema {
  return {
    securitySchemes: security,
    parameters: PARAMETERS,
    headers: HEADERS,
    responses: { Accepted: ACCEPTED, ...errorResponses(errors) },
  };
}

/** The parameters of ours that every route takes that makes something. */
export const MAKING_PARAMETERS = [
  { $ref: '#/components/parameters/Prefer' },
  { $ref: '#/components/parameters/Strict' },
  { $ref: '#/components/parameters/Webhook' },
  { $ref: '#/components/parameters/WebhookSecret' },
  { $ref: '#/components/parameters/Priority' },
];

const PARAMETERS = {
  Prefer: optionalHeader(
    'Prefer',
    '`respond-async`: the answer may come later; the request becomes a job, and 202 tells where it is.',
  ),
  Strict: optionalHeader(
    'x-antiphon-strict',
    '`1`: refuse what would otherwise be adjusted or ignored; the error names the parameter.',
  ),
  Webhook: optionalHeader(
    'x-antiphon-webhook',
    'An address that is told when the job has ended (Standard Webhooks).',
  ),
  WebhookSecret: optionalHeader(
    'x-antiphon-webhook-secret',
    'What that message is signed with, where it is not to be the secret of the server: at least 24 bytes in base64.',
  ),
  Priority: optionalHeader(
    'x-antiphon-priority',
    '`interactive`: somebody waits for the job. `batch`: it may be done when nothing else is.',
  ),
};

const HEADERS = {
  AntiphonModel: {
    description: 'The engine and model that made it: `engine/model`.',
    schema: { type: 'string' },
  },
  AntiphonVoice: { description: 'The voice that spoke.', schema: { type: 'string' } },
  AntiphonStandIn: {
    description: '`true` where another model or voice served the name that was asked for.',
    schema: { type: 'string', enum: ['true'] },
  },
  AntiphonWarnings: {
    description: 'What was adjusted or ignored, as a list in JSON.',
    schema: { type: 'string' },
  },
};

const ACCEPTED = {
  description: 'The request is kept as a job; the address in `Location` tells how it is.',
  headers: {
    location: { description: 'The job: `/antiphon/v1/jobs/{id}`.', schema: { type: 'string' } },
    'preference-applied': { schema: { type: 'string', enum: ['respond-async'] } },
    'retry-after': { description: 'Seconds until it is worth a look.', schema: { type: 'integer' } },
  },
  content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
};
