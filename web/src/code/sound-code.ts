import type { SoundCall } from '../sounds/sound-wish.ts';
import type { CodeSample } from './code-sample.ts';
import { shellQuoted } from './code-text.ts';

const PYTHON_KEY = 'os.environ.get("ANTIPHON_KEY", "none")';
const TYPESCRIPT_KEY = "process.env['ANTIPHON_KEY'] ?? 'none'";

/** The same sound as code for the vendor whose API makes it. */
export function soundSamples(call: SoundCall, origin: string): readonly CodeSample[] {
  const { vendor } = call;
  const one = { call, origin };
  const [curl, python, typeScript] =
    vendor === 'ElevenLabs'
      ? [elevenlabsCurl(one), elevenlabsPython(one), elevenlabsTypeScript(one)]
      : [aimlCurl(one), aimlPython(one), aimlTypeScript(one)];
  return [
    { vendor, language: 'curl', code: curl },
    { vendor, language: 'Python', code: python },
    { vendor, language: 'TypeScript', code: typeScript },
  ];
}

interface Sample {
  readonly call: SoundCall;
  readonly origin: string;
}

function fileOf({ format }: SoundCall): string {
  return format.startsWith('opus') ? 'sound.ogg' : 'sound.mp3';
}

function elevenlabsCurl({ call, origin }: Sample): string {
  return `curl --fail-with-body ${shellQuoted(`${origin}${call.path}?output_format=${call.format}`)} \\
  -H "xi-api-key: $ANTIPHON_KEY" -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(call.body, undefined, 2))} \\
  -o ${fileOf(call)}`;
}

function elevenlabsPython({ call, origin }: Sample): string {
  const method = call.path === '/v1/music' ? 'music.compose' : 'text_to_sound_effects.convert';
  const members = Object.entries({ ...call.body, output_format: call.format }).map(
    ([name, value]) => `    ${name}=${pythonLiteral(value)},\n`,
  );
  return `import os

from elevenlabs.client import ElevenLabs

client = ElevenLabs(base_url="${origin}", api_key=${PYTHON_KEY})
sound = client.${method}(
${members.join('')})
with open("${fileOf(call)}", "wb") as file:
    for part in sound:
        file.write(part)`;
}

function elevenlabsTypeScript({ call, origin }: Sample): string {
  const method = call.path === '/v1/music' ? 'music.compose' : 'textToSoundEffects.convert';
  const body = camelCased({ ...call.body, output_format: call.format });
  return `import { writeFile } from 'node:fs/promises';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';

const client = new ElevenLabsClient({ baseUrl: '${origin}', apiKey: ${TYPESCRIPT_KEY} });
const sound = await client.${method}(${JSON.stringify(body, undefined, 2)});
await writeFile('${fileOf(call)}', sound);`;
}

function aimlCurl({ call, origin }: Sample): string {
  const key = '-H "Authorization: Bearer $ANTIPHON_KEY"';
  const address = `${origin}${call.path}`;
  return `id=$(curl --fail-with-body -s ${shellQuoted(address)} \\
  ${key} -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(call.body, undefined, 2))} | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
while :; do
  made=$(curl --fail-with-body -s -G ${shellQuoted(address)} ${key} --data-urlencode "generation_id=$id")
  case "$made" in *'"completed"'* | *'"error"'*) break ;; esac
  sleep 1
done
curl --fail-with-body "$(printf '%s' "$made" | sed 's/.*"url":"\\([^"]*\\)".*/\\1/')" -o sound.wav`;
}

function aimlPython({ call, origin }: Sample): string {
  return `import os
import time

import requests

address = "${origin}${call.path}"
headers = {"Authorization": "Bearer " + ${PYTHON_KEY}}
order = requests.post(address, headers=headers, json=${pythonLiteral(call.body)})
order.raise_for_status()
while True:
    made = requests.get(address, headers=headers, params={"generation_id": order.json()["id"]}).json()
    if made["status"] in ("completed", "error"):
        break
    time.sleep(1)
with open("sound.wav", "wb") as file:
    file.write(requests.get(made["audio_file"]["url"]).content)`;
}

function aimlTypeScript({ call, origin }: Sample): string {
  return `import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const address = '${origin}${call.path}';
const headers = {
  authorization: \`Bearer \${${TYPESCRIPT_KEY}}\`,
  'content-type': 'application/json',
};
const order = await fetch(address, {
  method: 'POST',
  headers,
  body: JSON.stringify(${JSON.stringify(call.body, undefined, 2).replaceAll('\n', '\n  ')}),
});
if (!order.ok) throw new Error(await order.text());
const { id } = await order.json();
let made = { status: 'queued' } as { status: string; audio_file?: { url: string } };
while (made.status !== 'completed' && made.status !== 'error') {
  await setTimeout(1000);
  made = await (await fetch(\`\${address}?generation_id=\${encodeURIComponent(id)}\`, { headers })).json();
}
if (!made.audio_file) throw new Error('The sound could not be made.');
const sound = await fetch(made.audio_file.url);
await writeFile('sound.wav', Buffer.from(await sound.arrayBuffer()));`;
}

/** JSON, in which Python spells three words otherwise. They stand where no text does. */
function pythonLiteral(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value, undefined, 4);
}

/** The vendor's JavaScript client spells everything in its own way, inner members too. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      camelCased(member),
    ]),
  );
}
