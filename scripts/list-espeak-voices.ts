/**
 * Writes `src/engines/espeak/espeak-voices.ts` from the installed package, so that the server knows the voices
 * without loading it. Run it, and then the formatter, after another version of the package was installed.
 */
import { writeFile } from 'node:fs/promises';
import createEspeak from '@echogarden/espeak-ng-emscripten';

const VARIANTS_FOLDER = '/usr/share/espeak-ng-data/voices/!v';

/** What the package says about its voices. */
export async function readEspeakVoices() {
  const module = await createEspeak({ print: () => undefined, printErr: () => undefined });
  const voices = new module.eSpeakNGWorker().list_voices();
  return {
    languages: voices.map((voice) => ({
      file: voice.identifier,
      name: voice.name.trim(),
      tags: voice.languages.map((language) => language.name),
    })),
    variants: module.FS.readdir(VARIANTS_FOLDER)
      .filter((file) => !file.startsWith('.'))
      .map((file) =>
        readVariant(file, module.FS.readFile(`${VARIANTS_FOLDER}/${file}`, { encoding: 'utf8' })),
      ),
  };
}

function readVariant(file: string, content: string) {
  const name = /^\s*name\s+(\S+)/m.exec(content)?.[1] ?? file;
  const gender = /^\s*gender\s+(female|male)/im.exec(content)?.[1]?.toLowerCase();
  return { file, name, gender: gender ?? 'neutral' };
}

function toRows(facts: readonly object[]): string {
  return facts.map((fact) => `  ${JSON.stringify(fact)},`).join('\n');
}

if (import.meta.main) {
  const { languages, variants } = await readEspeakVoices();
  const source = `// Made by scripts/list-espeak-voices.ts.

/** A language or dialect that espeak speaks: its file, its English name, and espeak's own language tags. */
export const ESPEAK_LANGUAGES = [
${toRows(languages)}
] as const;

/** Another larynx for any of the languages. */
export const ESPEAK_VARIANTS = [
${toRows(variants)}
] as const;
`;
  await writeFile(new URL('../src/engines/espeak/espeak-voices.ts', import.meta.url), source);
}
