import { openaiFields, type FilmWish } from '../films/film-wish.ts';
import type { CodeSample } from './code-sample.ts';
import { pythonArguments, shellQuoted, typeScriptOf } from './code-text.ts';

const PYTHON_KEY = 'os.environ.get("ANTIPHON_KEY", "none")';
const TYPESCRIPT_KEY = "process.env['ANTIPHON_KEY'] ?? 'none'";

interface Sample {
  readonly wish: FilmWish;
  /** The name of its picture; empty where there is none. */
  readonly file: string;
  readonly origin: string;
}

/** The same film in the words of every vendor that can say it. */
export function videoSamples(wish: FilmWish, origin: string): readonly CodeSample[] {
  const sample = { wish, file: wish.picture?.name ?? '', origin };
  const openai: CodeSample[] = [
    { vendor: 'OpenAI', language: 'curl', code: openaiCurl(sample) },
    { vendor: 'OpenAI', language: 'Python', code: openaiPython(sample) },
    { vendor: 'OpenAI', language: 'TypeScript', code: openaiTypeScript(sample) },
  ];
  // With this vendor, a film always begins with a picture.
  if (!wish.picture) return openai;
  return [
    ...openai,
    { vendor: 'Eigen AI', language: 'curl', code: eigenCurl(sample) },
    { vendor: 'Eigen AI', language: 'Python', code: eigenPython(sample) },
    { vendor: 'Eigen AI', language: 'TypeScript', code: eigenTypeScript(sample) },
  ];
}

/** The vendor's clients do not bring a picture to the size of the film. */
const MUST_FIT = 'must have exactly the size of the film';

function openaiCurl({ wish, file, origin }: Sample): string {
  const key = '-H "Authorization: Bearer $ANTIPHON_KEY"';
  const fields = Object.entries(openaiFields(wish)).map(
    ([name, value]) => ` \\\n  -F ${shellQuoted(`${name}=${value}`)}`,
  );
  const given = file === '' ? '' : ` \\\n  -F ${shellQuoted(`input_reference=@${file}`)}`;
  return `${file === '' ? '' : `# The picture ${MUST_FIT}.\n`}id=$(curl --fail-with-body -s ${shellQuoted(`${origin}/v1/videos`)} \\
  ${key}${fields.join('')}${given} | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
while :; do
  film=$(curl --fail-with-body -s "${origin}/v1/videos/$id" ${key})
  case "$film" in *'"completed"'* | *'"failed"'*) break ;; esac
  sleep 1
done
curl --fail-with-body "${origin}/v1/videos/$id/content" ${key} -o film.mp4`;
}

function openaiPython({ wish, file, origin }: Sample): string {
  const given =
    file === '' ? '' : `    # ${MUST_FIT}\n    input_reference=open(${JSON.stringify(file)}, "rb"),\n`;
  return `import os

from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=${PYTHON_KEY})
film = client.videos.create_and_poll(
${pythonArguments(openaiFields(wish))}${given})
if film.error:
    raise SystemExit(film.error.message)
client.videos.download_content(film.id).write_to_file("film.mp4")`;
}

function openaiTypeScript({ wish, file, origin }: Sample): string {
  const { model, ...fields } = openaiFields(wish);
  const lines = Object.entries(fields).map(([name, value]) => `  ${name}: ${typeScriptOf(value)},\n`);
  const given =
    file === '' ? '' : `  // ${MUST_FIT}\n  input_reference: createReadStream(${typeScriptOf(file)}),\n`;
  return `${file === '' ? '' : "import { createReadStream } from 'node:fs';\n"}import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${TYPESCRIPT_KEY} });
let film = await client.videos.create({
  model: ${typeScriptOf(model)},
${lines.join('')}${given}});
while (film.status === 'queued' || film.status === 'in_progress') {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  film = await client.videos.retrieve(film.id);
}
if (film.error) throw new Error(film.error.message);
const content = await client.videos.downloadContent(film.id);
await writeFile('film.mp4', Buffer.from(await content.arrayBuffer()));`;
}

function eigenModel({ model }: FilmWish): string {
  return model === 'auto' ? 'wan2p2-i2v-14b-turbo' : model;
}

function eigenCurl({ wish, file, origin }: Sample): string {
  const key = '-H "Authorization: Bearer $ANTIPHON_KEY"';
  const model = eigenModel(wish);
  return `id=$(curl --fail-with-body -s ${shellQuoted(`${origin}/api/v1/generate`)} \\
  ${key} \\
  -F ${shellQuoted(`model=${model}`)} \\
  -F ${shellQuoted(`prompt=${wish.prompt}`)} \\
  -F ${shellQuoted(`image=@${file}`)} | sed 's/.*"task_id":"\\([^"]*\\)".*/\\1/')
while :; do
  film=$(curl --fail-with-body -s "${origin}/api/v1/generate/status?jobId=$id&model=${model}" ${key})
  case "$film" in *'"completed"'* | *'"failed"'*) break ;; esac
  sleep 1
done
curl --fail-with-body "${origin}/api/v1/generate/result?jobId=$id&model=${model}" ${key} -o film.mp4`;
}

function eigenPython({ wish, file, origin }: Sample): string {
  const model = eigenModel(wish);
  return `import os
import time

import requests

address = "${origin}/api/v1/generate"
headers = {"Authorization": "Bearer " + ${PYTHON_KEY}}
order = requests.post(
    address,
    headers=headers,
    data={"model": ${JSON.stringify(model)}, "prompt": ${JSON.stringify(wish.prompt)}},
    files={"image": open(${JSON.stringify(file)}, "rb")},
)
order.raise_for_status()
task = {"jobId": order.json()["task_id"], "model": ${JSON.stringify(model)}}
while requests.get(address + "/status", headers=headers, params=task).json()["status"] in ("pending", "processing"):
    time.sleep(1)
film = requests.get(address + "/result", headers=headers, params=task)
film.raise_for_status()
with open("film.mp4", "wb") as file:
    file.write(film.content)`;
}

function eigenTypeScript({ wish, file, origin }: Sample): string {
  const model = eigenModel(wish);
  return `import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const address = '${origin}/api/v1/generate';
const headers = { authorization: \`Bearer \${${TYPESCRIPT_KEY}}\` };
const form = new FormData();
form.set('model', ${typeScriptOf(model)});
form.set('prompt', ${typeScriptOf(wish.prompt)});
form.set('image', await openAsBlob(${typeScriptOf(file)}), ${typeScriptOf(file)});
const order = await fetch(address, { method: 'POST', headers, body: form });
if (!order.ok) throw new Error(await order.text());
const { task_id: jobId } = await order.json();
const task = new URLSearchParams({ jobId, model: ${typeScriptOf(model)} });
let status = 'pending';
while (status === 'pending' || status === 'processing') {
  await setTimeout(1000);
  ({ status } = await (await fetch(\`\${address}/status?\${task}\`, { headers })).json());
}
const film = await fetch(\`\${address}/result?\${task}\`, { headers });
if (!film.ok) throw new Error(await film.text());
await writeFile('film.mp4', Buffer.from(await film.arrayBuffer()));`;
}
