import { openaiFields, type PictureSource, type PictureWish } from '../pictures/picture-wish.ts';
import type { CodeSample } from './code-sample.ts';
import { pythonArguments, shellQuoted, typeScriptOf } from './code-text.ts';

const PYTHON_KEY = 'os.environ.get("ANTIPHON_KEY", "none")';
const TYPESCRIPT_KEY = "process.env['ANTIPHON_KEY'] ?? 'none'";

type Fields = Readonly<Record<string, string | number | boolean>>;

interface Sample {
  readonly wish: PictureWish;
  readonly files: readonly string[];
  readonly hasMask: boolean;
  readonly origin: string;
}

/** The same picture in the words of every vendor that can say it. */
export function imageSamples(
  wish: PictureWish,
  source: PictureSource,
  origin: string,
): readonly CodeSample[] {
  const files = source.pictures.map(({ name }) => name);
  const sample = { wish, files, hasMask: source.mask !== undefined, origin };
  const openai: CodeSample[] = [
    { vendor: 'OpenAI', language: 'curl', code: openaiCurl(sample) },
    { vendor: 'OpenAI', language: 'Python', code: openaiPython(sample) },
    { vendor: 'OpenAI', language: 'TypeScript', code: openaiTypeScript(sample) },
  ];
  // The vendor has no masks.
  if (sample.hasMask) return openai;
  return [
    ...openai,
    { vendor: 'Eigen AI', language: 'curl', code: eigenCurl(sample) },
    { vendor: 'Eigen AI', language: 'Python', code: eigenPython(sample) },
    { vendor: 'Eigen AI', language: 'TypeScript', code: eigenTypeScript(sample) },
  ];
}

function openaiCurl({ wish, files, hasMask, origin }: Sample): string {
  const key = '-H "Authorization: Bearer $ANTIPHON_KEY"';
  const unpack = `  | grep -o '"b64_json":"[^"]*"' | cut -d '"' -f 4 | while read -r picture; do
    number=$((number + 1))
    printf '%s' "$picture" | base64 -d > "picture-$number.${wish.format}"
  done`;
  const fields = openaiFields(wish);
  if (files.length === 0) {
    return `curl --fail-with-body -s ${shellQuoted(`${origin}/v1/images/generations`)} \\
  ${key} -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(fields, undefined, 2))} \\
${unpack}`;
  }
  return `curl --fail-with-body -s ${shellQuoted(`${origin}/v1/images/edits`)} \\
  ${key} \\
${parts(files.map((file) => ['image[]', `@${file}`]))}${hasMask ? parts([['mask', '@mask.png']]) : ''}${parts(Object.entries(fields))}${unpack}`;
}

function parts(fields: readonly (readonly [name: string, value: string | number | boolean])[]): string {
  return fields.map(([name, value]) => `  -F ${shellQuoted(`${name}=${String(value)}`)} \\\n`).join('');
}

/** What the vendor's clients have no word for goes beside their own. */
const OURS = ['seed', 'negative_prompt'];

function apart(wish: PictureWish): { readonly own: Fields; readonly extra: Fields } {
  const all = Object.entries(openaiFields(wish));
  return {
    own: Object.fromEntries(all.filter(([name]) => !OURS.includes(name))),
    extra: Object.fromEntries(all.filter(([name]) => OURS.includes(name))),
  };
}

function openaiPython({ wish, files, hasMask, origin }: Sample): string {
  const { own, extra } = apart(wish);
  const hasExtra = Object.keys(extra).length > 0;
  const given = files.map((file) => `open(${JSON.stringify(file)}, "rb")`).join(', ');
  return `import base64
import os

from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=${PYTHON_KEY})
made = client.images.${files.length > 0 ? 'edit' : 'generate'}(
${files.length > 0 ? `    image=[${given}],\n` : ''}${hasMask ? '    mask=open("mask.png", "rb"),\n' : ''}${pythonArguments(own)}${hasExtra ? `    extra_body=${JSON.stringify(extra)},\n` : ''})
for number, picture in enumerate(made.data):
    with open(f"picture-{number + 1}.${wish.format}", "wb") as file:
        file.write(base64.b64decode(picture.b64_json))`;
}

function openaiTypeScript({ wish, files, hasMask, origin }: Sample): string {
  const { own, extra } = apart(wish);
  const lines = Object.entries(own).map(([name, value]) => `  ${name}: ${typeScriptOf(value)},\n`);
  const added =
    Object.keys(extra).length === 0
      ? []
      : [`  // What the client has no word for.\n  ...${typeScriptOf(extra, '  ')},\n`];
  const opened = [
    ...(files.length > 0
      ? [`  image: [${files.map((file) => `await file(${typeScriptOf(file)})`).join(', ')}],\n`]
      : []),
    ...(hasMask ? ["  mask: await file('mask.png'),\n"] : []),
  ];
  const reader =
    files.length > 0
      ? `
const file = (name: string) => toFile(createReadStream(name), name);`
      : '';
  return `${files.length > 0 ? "import { createReadStream } from 'node:fs';\n" : ''}import { writeFile } from 'node:fs/promises';
import OpenAI${files.length > 0 ? ', { toFile }' : ''} from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${TYPESCRIPT_KEY} });${reader}
const made = await client.images.${files.length > 0 ? 'edit' : 'generate'}({
${[...opened, ...lines, ...added].join('')}});
for (const [at, { b64_json: base64 = '' }] of (made.data ?? []).entries()) {
  await writeFile(\`picture-\${at + 1}.${wish.format}\`, Buffer.from(base64, 'base64'));
}`;
}

/** The vendor makes one picture at a time, as JPEG or PNG. */
function eigenFields({ prompt, model, size, format, seed, avoid }: PictureWish): Fields {
  return {
    model: model === 'auto' ? 'eigen-image' : model,
    prompt,
    ...(size === 'auto' ? {} : { size }),
    ...(format === 'jpeg' ? { output_format: 'jpg' } : {}),
    ...(seed === '' ? {} : { seed: Number(seed) }),
    ...(avoid === '' ? {} : { negative_prompt: avoid }),
    binary_response: true,
  };
}

function eigenName({ format }: PictureWish): string {
  return format === 'jpeg' ? 'picture.jpg' : 'picture.png';
}

function eigenCurl({ wish, files, origin }: Sample): string {
  const fields = eigenFields(wish);
  const head = `curl --fail-with-body ${shellQuoted(`${origin}/api/v1/generate`)} \\
  -H "Authorization: Bearer $ANTIPHON_KEY" \\
`;
  const body =
    files.length === 0
      ? `  -H "Content-Type: application/json" \\\n  -d ${shellQuoted(JSON.stringify(fields, undefined, 2))} \\\n`
      : parts([...files.map((file) => ['images', `@${file}`] as const), ...Object.entries(fields)]);
  return `${head}${body}  -o ${eigenName(wish)}`;
}

function eigenPython({ wish, files, origin }: Sample): string {
  const fields = `{\n${Object.entries(eigenFields(wish))
    .map(
      ([name, value]) =>
        `        ${JSON.stringify(name)}: ${value === true ? '"true"' : JSON.stringify(value)},\n`,
    )
    .join('')}    }`;
  const given = files.map((file) => `("images", open(${JSON.stringify(file)}, "rb"))`).join(', ');
  return `import os

import requests

answer = requests.post(
    "${origin}/api/v1/generate",
    headers={"Authorization": "Bearer " + ${PYTHON_KEY}},
    ${files.length > 0 ? `files=[${given}],\n    data` : 'json'}=${fields},
)
answer.raise_for_status()
with open("${eigenName(wish)}", "wb") as file:
    file.write(answer.content)`;
}

function eigenTypeScript({ wish, files, origin }: Sample): string {
  const lines = Object.entries(eigenFields(wish)).map(
    ([name, value]) => `form.set('${name}', ${typeScriptOf(String(value))});\n`,
  );
  const given = files.map(
    (file) => `form.append('images', await openAsBlob(${typeScriptOf(file)}), ${typeScriptOf(file)});\n`,
  );
  return `${files.length > 0 ? "import { openAsBlob } from 'node:fs';\n" : ''}import { writeFile } from 'node:fs/promises';

const form = new FormData();
${[...given, ...lines].join('')}const answer = await fetch('${origin}/api/v1/generate', {
  method: 'POST',
  headers: { authorization: \`Bearer \${${TYPESCRIPT_KEY}}\` },
  body: form,
});
if (!answer.ok) throw new Error(await answer.text());
await writeFile('${eigenName(wish)}', Buffer.from(await answer.arrayBuffer()));`;
}
