/**
 * Draws the example pictures of docs/procedural.md with the engine and the picture tools of this checkout. Run it after
 * a change of how pictures are drawn.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { silentLogger } from '../src/core/ports/logger.ts';
import type { RequestContext } from '../src/core/context.ts';
import { createProceduralImages } from '../src/engines/procedural/pictures/picture-images.ts';
import { sharpEngine } from '../src/engines/sharp/sharp-engine.ts';

const FOLDER = 'docs/images/procedural';
const SIZE = { width: 480, height: 320 };

/** Names of files, and what is drawn in them. */
const PICTURES: Readonly<Record<string, string>> = {
  lake: 'a lake in the mountains at sunset',
  boats: 'three boats on a calm sea',
  city: 'city skyline at night',
  forest: 'an autumn forest',
  'still-life': 'still life with two apples, a bottle and a vase on a table',
  swirls: 'abstract swirls in green and gold',
};

if (import.meta.main) {
  const sharp = await sharpEngine.create({ workers: 1 });
  if (!('imageTools' in sharp) || !sharp.imageTools) throw new Error('sharp is not installed.');
  const tools = sharp.imageTools;
  const pictures = createProceduralImages({ workers: 1 });
  const context: RequestContext = {
    requestId: '0'.repeat(32),
    principal: { id: 'docs', name: 'docs', anonymous: true },
    signal: new AbortController().signal,
    log: silentLogger,
    strict: false,
  };
  await mkdir(FOLDER, { recursive: true });
  for (const [name, prompt] of Object.entries(PICTURES)) {
    const request = {
      model: 'procedural/pictures',
      prompt,
      size: SIZE,
      seed: 7,
      inputs: [],
      previews: 0,
      tools,
    };
    const events = await Array.fromAsync(pictures.image.generate(request, context));
    const end = events.find((event) => event.type === 'image-end');
    if (end?.type !== 'image-end') throw new Error(`Nothing was drawn for ${name}.`);
    const { bytes } = await tools.write(end.bytes, { format: { id: 'webp', quality: 80 } }, context);
    await writeFile(`${FOLDER}/${name}.webp`, bytes);
    console.log(`${FOLDER}/${name}.webp: ${bytes.length} bytes`);
  }
  await Promise.all([pictures.stop(), sharp.stop?.()]);
}
