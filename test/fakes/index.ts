import { present } from '../../src/base/assert.ts';
import { chatFakes } from './chat-fakes.ts';
import { startComfyuiFake } from './comfyui-fake.ts';
import type { FakeProfile } from './fake-server.ts';
import { hearingFakes } from './hearing-fakes.ts';
import { startSdcppFake } from './sdcpp-fake.ts';
import { pictureFakes } from './picture-fakes.ts';
import { speechFakes } from './speech-fakes.ts';

/** Every engine that there is a fake of. */
export const fakes: readonly FakeProfile[] = [...speechFakes, ...hearingFakes, ...pictureFakes, ...chatFakes];

/** Fakes of servers that make one job after another and are asked for it later; they cannot be told to go wrong. */
export const jobServers = [
  {
    id: 'sdcpp',
    title: "stable-diffusion.cpp's sd-server",
    start: (port: number) => startSdcppFake({ port }),
  },
  { id: 'comfyui', title: 'ComfyUI', start: (port: number) => startComfyuiFake({ port }) },
] as const;

/** The fake of a name. */
export function fakeOf(id: string): FakeProfile {
  return present(
    fakes.find((fake) => fake.id === id),
    `a fake called ${id}`,
  );
}
