import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A server elsewhere that speaks. */
interface SpeechUpstream {
  readonly url: string;
  /** Requests that it gets at once. */
  readonly concurrency: number;
}

/** Writes a configuration that passes the model `tts-1` on, and keeps no history of it; gives its path. */
export function writePassingConfig(folder: string, { url, concurrency }: SpeechUpstream): string {
  const file = join(folder, 'antiphon.config.json');
  const model = {
    id: 'tts-1',
    capability: 'speech',
    upstream: 'tts-1',
    implements: ['tts-1'],
    voices: [{ name: 'alloy' }],
  };
  const remote = {
    id: 'upstream',
    adapter: 'openai-media',
    profile: 'openai',
    url,
    concurrency,
    models: [model],
  };
  writeFileSync(file, JSON.stringify({ remotes: [remote], historyDays: 0 }));
  return file;
}
