import type { Core } from '../core/core.ts';

export interface BannerFacts {
  /** `http://127.0.0.1:8484` */
  readonly origin: string;
  readonly core: Core;
  /** Whether calls need a key. */
  readonly keyed: boolean;
}

/** What somebody who just started the server needs to see: where it is, what runs, and what to try. */
export function banner(facts: BannerFacts): string {
  const { origin, core } = facts;
  const key = facts.keyed ? '$ANTIPHON_KEY' : 'any';
  return [
    '',
    `Antiphon ${core.version} answers at ${origin}`,
    facts.keyed
      ? 'Calls need an API key (antiphon keys list).'
      : 'No API key exists: anything is accepted, from this machine only.',
    '',
    ...core.engines.map((engine) => `  up    ${engine.id.padEnd(14)} ${describeEngine(engine)}`),
    ...core.downEngines.map((engine) => `  down  ${engine.id.padEnd(14)} ${engine.reason}`),
    '',
    'Try (OpenAI, ElevenLabs, Eigen AI):',
    `  curl -o hello.mp3 ${origin}/v1/audio/speech -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '{"model":"tts-1","voice":"alloy","input":"Hello from my own machine."}'`,
    `  curl -o hello.mp3 ${origin}/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb -H 'xi-api-key: ${key}' -H 'content-type: application/json' -d '{"text":"Hello from my own machine."}'`,
    `  curl -o hello.wav ${origin}/api/v1/generate -H 'authorization: Bearer ${key}' -F model=higgs2p5 -F voice=Linda -F 'text=Hello from my own machine.'`,
    '',
  ].join('\n');
}

function describeEngine({ models, speech, alignment, imageTools }: Core['engines'][number]): string {
  if (imageTools) return 'Reads and writes pictures';
  if (alignment) return `Finds words in recordings (${alignment.languages.join(', ')})`;
  if (models.length === 0) return 'no model installed yet: antiphon models list';
  const described = models.map((model) => model.description.replace(/\.$/, '')).join('; ');
  return speech ? `${described} (${speech.voices.length} voices)` : described;
}
