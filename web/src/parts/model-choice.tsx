import type { EngineModel } from '../engine-models.ts';
import { Choice } from './field.tsx';

/** Which of the installed models is to do it. */
export function ModelChoice({
  models = [],
  value,
  onChange,
}: {
  readonly models: readonly EngineModel[] | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <Choice
      label="Model"
      options={[
        ['auto', 'The best one here'],
        ...models.map(({ id, name }) => [id, `${name} (${id})`] as const),
      ]}
      value={value}
      onChange={onChange}
    />
  );
}
