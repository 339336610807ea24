import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createOpenaiMediaEngine } from '../src/engines/openai-media/openai-media-engine.ts';
import { mediaProfiles } from '../src/engines/openai-media/profiles/media-profiles.ts';
import { remotesSchema, toRemoteSettings } from '../src/platform/remotes-config.ts';

const page = readFileSync('docs/remote-engines.md', 'utf8');

function examples(): unknown[] {
  return [...page.matchAll(/```json\n([^]*?)```/g)].flatMap(([, text = '']) => {
    const parsed: { remotes?: unknown[] } = JSON.parse(text);
    return parsed.remotes ?? [parsed];
  });
}

test('every example of docs/remote-engines.md is a remote that starts and offers its models', async () => {
  const written = remotesSchema.parse(examples());
  assert.ok(written.length >= 9);
  for (const one of written) {
    const engine = createOpenaiMediaEngine(toRemoteSettings(one, { LLM_KEY: 'a key' }));
    assert.equal(engine.models.length, one.models.length, one.id);
    await engine.stop?.();
  }
});

test('docs/remote-engines.md names every profile and every family', () => {
  const families = (of: object | undefined) => Object.keys(of ?? {});
  for (const profile of mediaProfiles) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${profile.id}\` |`));
    assert.ok(row, profile.id);
    const { speech, hearing, sound, image, video } = profile;
    for (const kind of [speech, hearing, sound, image, video]) {
      if (families(kind).length < 2) continue;
      for (const family of families(kind))
        assert.ok(row.includes(`\`${family}\``), `${profile.id} ${family}`);
    }
  }
});
