import type { SpeechEngine } from '../engine.ts';
import { withinSupport } from '../setting-support.ts';
import { SPEECH_CONTROLS, type AskedSetting, type SpeechControls } from './speech.ts';

/** What an engine is told of the settings that only it knows; undefined where there is nothing to tell. */
export function controlsFor(
  asked: readonly AskedSetting[],
  { settings }: Pick<SpeechEngine, 'settings'>,
): SpeechControls | undefined {
  const controls = SPEECH_CONTROLS.flatMap((control) => {
    const value = asked.findLast(({ setting }) => setting === control)?.value;
    const support = settings[control];
    return typeof value === 'number' && support !== undefined
      ? [[control, withinSupport(value, support)]]
      : [];
  });
  return controls.length === 0 ? undefined : Object.fromEntries(controls);
}
