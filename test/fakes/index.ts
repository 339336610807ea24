import { present } from '../../src/base/assert.ts';
import { chatFakes } from './chat-fakes.ts';
import type { FakeProfile } from './fake-server.ts';
import { hearingFakes } from './hearing-fakes.ts';
import { pictureFakes } from './picture-fakes.ts';
import { speechFakes } from './speech-fakes.ts';

/** Every engine that there is a fake of. */
export const fakes: readonly FakeProfile[] = [...speechFakes, ...hearingFakes, ...pictureFakes, ...chatFakes];

/** The fake of a name. */
export function fakeOf(id: string): FakeProfile {
  return present(
    fakes.find((fake) => fake.id === id),
    `a fake called ${id}`,
  );
}
