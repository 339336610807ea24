import { fileCall, fileNameOf, type JsonObject } from '../speech/speech-call.ts';
import { dialectFacts, inDialect, type SettingValue, type SpeechWish } from '../speech/speech-wish.ts';
import type { CodeSample } from './code-sample.ts';
import { pythonArguments, pythonOf, shellQuoted, typeScriptOf } from './code-text.ts';

/** Where a server without keys is asked, too, clients want some text for one. */
const PYTHON_KEY = 'os.environ.get("ANTIPHON_KEY", "none")';
const TYPESCRIPT_KEY = "process.env['ANTIPHON_KEY'] ?? 'none'";

/** The same speech in the words of every vendor, for a shell and in two languages. */
export function speechSamples(wish: SpeechWish, origin: string): readonly CodeSample[] {
  return dialectFacts.flatMap(({ id, title }): CodeSample[] => {
    const own = inDialect(wish, id);
    const writers = {
      openai: { Python: openaiPython, TypeScript: openaiTypeScript },
      elevenlabs: { Python: elevenlabsPython, TypeScript: elevenlabsTypeScript },
      eigen: { Python: eigenPython, TypeScript: eigenTypeScript },
    }[id];
    return [
      { vendor: title, language: 'curl', code: curl(own, origin) },
      { vendor: title, language: 'Python', code: writers.Python(own, origin) },
      { vendor: title, language: 'TypeScript', code: writers.TypeScript(own, origin) },
    ];
  });
}

function curl(wish: SpeechWish, origin: string): string {
  const { path, body } = fileCall(wish);
  const key =
    wish.dialect === 'elevenlabs' ? 'xi-api-key: $ANTIPHON_KEY' : 'Authorization: Bearer $ANTIPHON_KEY';
  return `curl --fail-with-body ${shellQuoted(`${origin}${path}`)} \\
  -H "${key}" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(body, undefined, 2))} \\
  -o ${fileNameOf(wish)}`;
}

function openaiPython(wish: SpeechWish, origin: string): string {
  return `import os

from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=${PYTHON_KEY})
with client.audio.speech.with_streaming_response.create(
${pythonArguments(fileCall(wish).body)}) as speech:
    speech.stream_to_file("${fileNameOf(wish)}")`;
}

function openaiTypeScript(wish: SpeechWish, origin: string): string {
  return `import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${TYPESCRIPT_KEY} });
const speech = await client.audio.speech.create(${typeScriptOf(fileCall(wish).body)});
await writeFile('${fileNameOf(wish)}', Buffer.from(await speech.arrayBuffer()));`;
}

function elevenlabsPython(wish: SpeechWish, origin: string): string {
  const { voice_settings: settings, ...body } = fileCall(wish).body;
  const hasSettings = typeof settings === 'object';
  const plain = pythonArguments({ voice_id: wish.voice, ...body, output_format: wish.format });
  const own = hasSettings
    ? `    voice_settings=VoiceSettings(\n${pythonArguments(settings).replace(/^/gm, '    ').trimEnd()}\n    ),\n`
    : '';
  return `import os

${hasSettings ? 'from elevenlabs import VoiceSettings\n' : ''}from elevenlabs.client import ElevenLabs

client = ElevenLabs(base_url="${origin}", api_key=${PYTHON_KEY})
speech = client.text_to_speech.convert(
${plain}${own})
with open("${fileNameOf(wish)}", "wb") as file:
    for part in speech:
        file.write(part)`;
}

function elevenlabsTypeScript(wish: SpeechWish, origin: string): string {
  const body = camelCased({ ...fileCall(wish).body, output_format: wish.format });
  return `import { writeFile } from 'node:fs/promises';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';

const client = new ElevenLabsClient({ baseUrl: '${origin}', apiKey: ${TYPESCRIPT_KEY} });
const speech = await client.textToSpeech.convert(${typeScriptOf(wish.voice)}, ${typeScriptOf(body)});
await writeFile('${fileNameOf(wish)}', speech);`;
}

function eigenPython(wish: SpeechWish, origin: string): string {
  const { path, body } = fileCall(wish);
  return `import os

import requests

answer = requests.post(
    "${origin}${path}",
    headers={"Authorization": "Bearer " + ${PYTHON_KEY}},
    json=${pythonOf(body, '    ')},
)
answer.raise_for_status()
with open("${fileNameOf(wish)}", "wb") as file:
    file.write(answer.content)`;
}

function eigenTypeScript(wish: SpeechWish, origin: string): string {
  const { path, body } = fileCall(wish);
  return `import { writeFile } from 'node:fs/promises';

const answer = await fetch('${origin}${path}', {
  method: 'POST',
  headers: {
    authorization: \`Bearer \${${TYPESCRIPT_KEY}}\`,
    'content-type': 'application/json',
  },
  body: JSON.stringify(${typeScriptOf(body, '  ')}),
});
if (!answer.ok) throw new Error(await answer.text());
await writeFile('${fileNameOf(wish)}', Buffer.from(await answer.arrayBuffer()));`;
}

/** The names of members as that vendor's client for JavaScript has them. */
function camelCased(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]): [string, SettingValue | JsonObject] => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      typeof member === 'object' ? camelCased(member) : member,
    ]),
  );
}
