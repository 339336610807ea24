import type { Signal } from '@preact/signals';
import type { EngineModel } from '../engine-models.ts';
import { Choice, Input, NumberInput, TextArea } from '../parts/field.tsx';
import { ModelChoice } from '../parts/model-choice.tsx';
import type { PictureWish } from './picture-wish.ts';

const SIZES = [
  ['auto', 'As the model likes it'],
  ['1024x1024', 'Square, 1024 × 1024'],
  ['1536x1024', 'Landscape, 1536 × 1024'],
  ['1024x1536', 'Portrait, 1024 × 1536'],
  ['512x512', 'Small, 512 × 512'],
  ['other', 'Another …'],
] as const;

const FORMATS = [
  ['png', 'PNG'],
  ['jpeg', 'JPEG'],
  ['webp', 'WebP'],
] as const;

const BACKGROUNDS = [
  ['auto', 'As it comes'],
  ['transparent', 'Transparent'],
  ['opaque', 'Opaque'],
] as const;

interface FieldsProps {
  readonly wish: Signal<PictureWish>;
  readonly models: readonly EngineModel[] | undefined;
}

/** What a picture is to be. */
export function PictureFields({ wish, models }: FieldsProps) {
  const { prompt, model, count, format, background, seed, avoid } = wish.value;
  const set = (change: Partial<PictureWish>) => {
    wish.value = { ...wish.peek(), ...change };
  };
  return (
    <>
      <TextArea label="Description" rows={3} value={prompt} onValue={(value) => set({ prompt: value })} />
      <div class="fields">
        <ModelChoice models={models} value={model} onChange={(value) => set({ model: value })} />
        <SizeFields size={wish.value.size} onSize={(size) => set({ size })} />
        <NumberInput
          label="How many"
          min="1"
          max="10"
          step="1"
          value={String(count)}
          onValue={(value) => set({ count: Math.max(1, Math.min(10, Math.round(Number(value)) || 1)) })}
        />
        <Choice
          label="Format"
          options={FORMATS}
          value={format}
          onChange={(value) => set({ format: FORMATS.find(([one]) => one === value)?.[0] ?? 'png' })}
        />
        <Choice
          label="Background"
          hint={format === 'jpeg' ? 'JPEG knows no transparency.' : undefined}
          options={format === 'jpeg' ? BACKGROUNDS.filter(([one]) => one !== 'transparent') : BACKGROUNDS}
          value={background}
          onChange={(value) => set({ background: BACKGROUNDS.find(([one]) => one === value)?.[0] ?? 'auto' })}
        />
        <NumberInput
          label="Seed"
          min="0"
          step="1"
          placeholder="another each time"
          value={seed}
          onValue={(value) => set({ seed: value })}
        />
      </div>
      <Input label="What it should not show" value={avoid} onValue={(value) => set({ avoid: value })} />
    </>
  );
}

function SizeFields({ size, onSize }: { readonly size: string; readonly onSize: (size: string) => void }) {
  const known = SIZES.some(([one]) => one === size);
  return (
    <>
      <Choice
        label="Size"
        options={SIZES}
        value={known ? size : 'other'}
        onChange={(value) => onSize(value === 'other' ? '1280x720' : value)}
      />
      {!known && (
        <Input
          label="Width x height"
          hint="Multiples of 16, such as 1280x720."
          value={size}
          onValue={(value) => onSize(value.replaceAll(/[\s×]+/g, 'x'))}
        />
      )}
    </>
  );
}
