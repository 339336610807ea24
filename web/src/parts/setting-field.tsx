import type { OfferedSetting } from '../speech/speech-settings.ts';
import { Choice, Input, NumberInput } from './field.tsx';

/** A field for one setting of a model. Left empty, the server decides. */
export function SettingField({
  setting: { label, control, hint },
  value,
  onValue,
}: {
  readonly setting: OfferedSetting;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const shared = { label, value, ...(hint === undefined ? {} : { hint }) };
  switch (control.kind) {
    case 'number':
      return (
        <NumberInput
          {...shared}
          onValue={onValue}
          placeholder="as usual"
          min={String(control.minimum)}
          max={String(control.maximum)}
          step={String(control.step)}
        />
      );
    case 'text':
      return <Input {...shared} onValue={onValue} placeholder="as usual" />;
    case 'switch':
      return (
        <Choice
          {...shared}
          onChange={onValue}
          options={[
            ['', 'as usual'],
            ['on', 'on'],
            ['off', 'off'],
          ]}
        />
      );
    case 'choice':
      return (
        <Choice
          {...shared}
          onChange={onValue}
          options={[['', 'as usual'], ...control.options.map((one) => [one, one] as const)]}
        />
      );
  }
}
