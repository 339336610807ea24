import type { HearingWish } from '../listen/hearing-wish.ts';
import type { CodeSample } from './code-sample.ts';
import { pythonArguments, shellQuoted, typeScriptOf } from './code-text.ts';

/** A transcript as it is asked for, with the name of its recording. */
export type TranscriptionOrder = Omit<HearingWish, 'recording'> & { readonly file: string };

const PYTHON_KEY = 'os.environ.get("ANTIPHON_KEY", "none")';
const TYPESCRIPT_KEY = "process.env['ANTIPHON_KEY'] ?? 'none'";

/** The same transcript in the words of every vendor that has it. */
export function transcriptionSamples(order: TranscriptionOrder, origin: string): readonly CodeSample[] {
  const one = { order, origin };
  const openai: CodeSample[] = [
    { vendor: 'OpenAI', language: 'curl', code: openaiCurl(one) },
    { vendor: 'OpenAI', language: 'Python', code: openaiPython(one) },
    { vendor: 'OpenAI', language: 'TypeScript', code: openaiTypeScript(one) },
  ];
  const eigen: CodeSample[] = [
    { vendor: 'Eigen AI', language: 'curl', code: eigenCurl(one) },
    { vendor: 'Eigen AI', language: 'Python', code: eigenPython(one) },
    { vendor: 'Eigen AI', language: 'TypeScript', code: eigenTypeScript(one) },
  ];
  // The vendor has no translation.
  if (order.task === 'translate') return [...openai, ...eigen];
  return [
    ...openai,
    { vendor: 'ElevenLabs', language: 'curl', code: elevenlabsCurl(one) },
    { vendor: 'ElevenLabs', language: 'Python', code: elevenlabsPython(one) },
    { vendor: 'ElevenLabs', language: 'TypeScript', code: elevenlabsTypeScript(one) },
    ...eigen,
  ];
}

interface Sample {
  readonly order: TranscriptionOrder;
  readonly origin: string;
}

type Fields = Readonly<Record<string, string | boolean>>;

function openaiFields({ task, model, language, speakers, words }: TranscriptionOrder): Fields {
  if (task === 'translate') return { model, response_format: 'verbose_json' };
  const known = { model, ...(language === '' ? {} : { language }) };
  if (speakers) return { ...known, response_format: 'diarized_json' };
  return words ? { ...known, response_format: 'verbose_json' } : known;
}

function wantsWords({ task, speakers, words }: TranscriptionOrder): boolean {
  return words && !speakers && task === 'transcribe';
}

function openaiRoute({ task }: TranscriptionOrder): 'translations' | 'transcriptions' {
  return task === 'translate' ? 'translations' : 'transcriptions';
}

function openaiCurl({ order, origin }: Sample): string {
  return curl(`${origin}/v1/audio/${openaiRoute(order)}`, 'Authorization: Bearer $ANTIPHON_KEY', {
    file: `@${order.file}`,
    ...openaiFields(order),
    ...(wantsWords(order) ? { 'timestamp_granularities[]': 'word' } : {}),
  });
}

function openaiPython({ order, origin }: Sample): string {
  const words = wantsWords(order) ? '    timestamp_granularities=["word"],\n' : '';
  return `import os

from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=${PYTHON_KEY})
heard = client.audio.${openaiRoute(order)}.create(
    file=open(${JSON.stringify(order.file)}, "rb"),
${pythonArguments(openaiFields(order))}${words})
print(heard.text)`;
}

function openaiTypeScript({ order, origin }: Sample): string {
  return `import { createReadStream } from 'node:fs';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${TYPESCRIPT_KEY} });
const heard = await client.audio.${openaiRoute(order)}.create({
  file: createReadStream(${typeScriptOf(order.file)}),
${members(openaiFields(order))}${wantsWords(order) ? "  timestamp_granularities: ['word'],\n" : ''}});
console.log(heard.text);`;
}

function elevenlabsFields({ model, language, speakers, words }: TranscriptionOrder): Fields {
  return {
    model_id: model,
    ...(language === '' ? {} : { language_code: language }),
    ...(speakers ? { diarize: true } : {}),
    timestamps_granularity: words ? 'word' : 'none',
  };
}

function elevenlabsCurl({ order, origin }: Sample): string {
  return curl(`${origin}/v1/speech-to-text`, 'xi-api-key: $ANTIPHON_KEY', {
    file: `@${order.file}`,
    ...elevenlabsFields(order),
  });
}

function elevenlabsPython({ order, origin }: Sample): string {
  return `import os

from elevenlabs.client import ElevenLabs

client = ElevenLabs(base_url="${origin}", api_key=${PYTHON_KEY})
heard = client.speech_to_text.convert(
    file=open(${JSON.stringify(order.file)}, "rb"),
${pythonArguments(elevenlabsFields(order))})
print(heard.text)`;
}

function elevenlabsTypeScript({ order, origin }: Sample): string {
  return `import { createReadStream } from 'node:fs';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';

const client = new ElevenLabsClient({ baseUrl: '${origin}', apiKey: ${TYPESCRIPT_KEY} });
const heard = await client.speechToText.convert({
  file: createReadStream(${typeScriptOf(order.file)}),
${members(camelCased(elevenlabsFields(order)))}});
console.log('text' in heard ? heard.text : heard);`;
}

/** The vendor's newer model finds the language out; \`ast\` translates into English. */
function eigenFields({ model, language, task }: TranscriptionOrder): Fields {
  const name = model === 'auto' ? 'higgs_asr_3' : model;
  if (task === 'translate') return { model: name, task: 'ast' };
  return { model: name, ...(language === '' ? {} : { language }) };
}

function eigenCurl({ order, origin }: Sample): string {
  return curl(`${origin}/api/v1/generate`, 'Authorization: Bearer $ANTIPHON_KEY', {
    file: `@${order.file}`,
    ...eigenFields(order),
  });
}

function eigenPython({ order, origin }: Sample): string {
  return `import os

import requests

answer = requests.post(
    "${origin}/api/v1/generate",
    headers={"Authorization": "Bearer " + ${PYTHON_KEY}},
    files={"file": open(${JSON.stringify(order.file)}, "rb")},
    data=${JSON.stringify(eigenFields(order))},
)
answer.raise_for_status()
print(answer.json())`;
}

function eigenTypeScript({ order, origin }: Sample): string {
  const fields = Object.entries(eigenFields(order)).map(
    ([name, value]) => `form.set('${name}', ${typeScriptOf(value)});\n`,
  );
  return `import { openAsBlob } from 'node:fs';

const form = new FormData();
form.set('file', await openAsBlob(${typeScriptOf(order.file)}), ${typeScriptOf(order.file)});
${fields.join('')}const answer = await fetch('${origin}/api/v1/generate', {
  method: 'POST',
  headers: { authorization: \`Bearer \${${TYPESCRIPT_KEY}}\` },
  body: form,
});
if (!answer.ok) throw new Error(await answer.text());
console.log(await answer.json());`;
}

function curl(address: string, key: string, fields: Fields): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => ` \\\n  -F ${shellQuoted(`${name}=${String(value)}`)}`,
  );
  return `curl --fail-with-body ${shellQuoted(address)} \\\n  -H "${key}"${parts.join('')}`;
}

function members(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `  ${name}: ${typeScriptOf(value)},\n`)
    .join('');
}

function camelCased(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
