import { useSignal } from '@preact/signals';
import { speechSamples } from '../code/speech-code.ts';
import { origin } from '../connection.ts';
import { CopyCode } from '../parts/copy-code.tsx';
import { Choice, TextArea } from '../parts/field.tsx';
import { Failure, Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { SettingField } from '../parts/setting-field.tsx';
import { SpeechResult } from '../parts/speech-result.tsx';
import { VoicePicker } from '../parts/voice-picker.tsx';
import { route } from '../route.ts';
import { saveFile } from '../sound/save-file.ts';
import { fileNameOf } from '../speech/speech-call.ts';
import { modelOptions, parametersOf, useSpeechTable } from '../speech/speech-models.ts';
import { ignoredSettings, offeredSettings, toSettings } from '../speech/speech-settings.ts';
import { dialectFacts, factsOf, formatsOf, type SpeechWish } from '../speech/speech-wish.ts';
import { useSpeaking } from '../speech/speaking.ts';
import { offeredVoices, useVoices } from '../speech/voice-list.ts';
import { useTask } from '../task.ts';

const EXAMPLE = 'Good evening. This voice comes from a server of your own. How does it sound to you?';

/** Says a text. */
export function Speak() {
  const form = useSpeechForm();
  const { wish } = form;
  return (
    <Page title="Speak" lead="Type something, choose a voice, and hear it while it is made.">
      <Speech form={form} />
      <VoiceCard form={form} />
      <SettingsCard form={form} />
      <CopyCode samples={speechSamples(wish, origin)} vendor={factsOf(wish.dialect).title} />
    </Page>
  );
}

/** What the page has been told to do, and the buttons that tell it. */
function Speech({ form: { wish, set } }: { readonly form: SpeechFormState }) {
  const { speaking, task, shown, isLive, speak, makeOther } = useOrders(wish);
  const stop = () => {
    task.stop();
    speaking.silence();
  };
  return (
    <section class="card" aria-label="What to say">
      <TextArea label="Text" value={wish.text} onValue={(text) => set({ text })} />
      <div class="actions">
        <button
          type="button"
          onClick={() => void speak()}
          disabled={task.running.value || wish.text.trim() === ''}
        >
          {task.running.value ? 'Speaking …' : 'Speak'}
        </button>
        {(task.running.value || speaking.isPlaying.value) && (
          <button type="button" class="quiet" onClick={stop}>
            Stop
          </button>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={isLive.value}
            onChange={(event) => (isLive.value = event.currentTarget.checked)}
          />
          Play while it is made
        </label>
        <span class="figures">{countCharacters(wish.text)}</span>
      </div>
      <Failure message={task.failure.value} />
      <SpeechResult
        speaking={speaking}
        asked={shown.value.voice}
        fileName={shown.value.fileName}
        otherFormat={
          shown.value.isAsChosen ? undefined : { name: wish.format, onMake: () => void makeOther() }
        }
      />
    </section>
  );
}

function useOrders(wish: SpeechWish) {
  const isLive = useSignal(true);
  const speaking = useSpeaking();
  const task = useTask();
  const shown = useSignal({ voice: '', fileName: '', isAsChosen: true });
  const ordered = (isAsChosen: boolean) => {
    shown.value = { voice: wish.voice, fileName: isAsChosen ? fileNameOf(wish) : 'speech.wav', isAsChosen };
  };
  return {
    isLive,
    speaking,
    task,
    shown,
    speak: () => {
      const live = isLive.value;
      ordered(!live || wish.format.startsWith('wav'));
      return task.begin((abort) => (live ? speaking.speakLive(wish, abort) : speaking.makeFile(wish, abort)));
    },
    makeOther: () =>
      task.begin(async (abort) => {
        await speaking.makeFile(wish, abort);
        ordered(true);
        const { value: sound } = speaking.sound;
        if (sound) saveFile(sound, fileNameOf(wish));
      }),
  };
}

type SpeechFormState = ReturnType<typeof useSpeechForm>;

/** What is set on the page, and what the server offers to be set. */
function useSpeechForm() {
  const table = useSpeechTable();
  const voices = useVoices();
  const asked = useSignal({
    dialect: dialectFacts[0].id,
    model: dialectFacts[0].model,
    format: dialectFacts[0].format,
    voice: route.peek().parameters.get('voice') ?? 'alloy',
    text: EXAMPLE,
  });
  const written = useSignal<Readonly<Record<string, string>>>({});
  const { dialect, model } = asked.value;
  const parameters = parametersOf(table.value.value ?? { speech: [] }, dialect, model);
  const inDialect = { dialect, model, parameters };
  const offered = offeredSettings(inDialect);
  const wish: SpeechWish = { ...asked.value, settings: toSettings(offered, written.value) };
  return {
    table,
    voices,
    wish,
    offered,
    ignored: ignoredSettings(inDialect),
    written: written.value,
    write: (name: string, value: string) => {
      written.value = { ...written.value, [name]: value };
    },
    set: (change: Partial<typeof asked.value>) => {
      const next = { ...asked.value, ...change };
      const formats = formatsOf(next.dialect, next.model);
      const format = formats.includes(next.format) ? next.format : (formats[0] ?? next.format);
      asked.value = { ...next, format };
    },
  };
}

function VoiceCard({ form: { wish, voices, set } }: { readonly form: SpeechFormState }) {
  return (
    <section class="card" aria-label="Voice">
      <div class="card-head">
        <h2>Voice</h2>
        <span class="figures">{wish.voice}</span>
      </div>
      <Problem problem={voices.problem.value} />
      {voices.value.value && (
        <VoicePicker
          voices={offeredVoices(voices.value.value)}
          chosen={[wish.voice]}
          onChoose={([voice]) => voice !== undefined && set({ voice })}
        />
      )}
    </section>
  );
}

function SettingsCard({ form }: { readonly form: SpeechFormState }) {
  const { wish, table, offered, ignored } = form;
  const facts = factsOf(wish.dialect);
  const models = table.value.value ? modelOptions(table.value.value, wish.dialect) : [];
  const chooseDialect = (id: string) => {
    const { id: dialect, model, format } = dialectFacts.find((one) => one.id === id) ?? facts;
    form.set({ dialect, model, format });
  };
  return (
    <section class="card" aria-label="Settings">
      <div class="card-head">
        <h2>Settings</h2>
      </div>
      <div class="fields">
        <Choice
          label="API"
          hint={facts.hint}
          options={dialectFacts.map(({ id, title }) => [id, title])}
          value={wish.dialect}
          onChange={chooseDialect}
        />
        <Choice
          label="Model"
          options={models.length > 0 ? models : [[wish.model, wish.model]]}
          value={wish.model}
          onChange={(model) => form.set({ model })}
        />
        <Choice
          label="Format of the file"
          options={formatsOf(wish.dialect, wish.model).map((one) => [one, one])}
          value={wish.format}
          onChange={(format) => form.set({ format })}
        />
        {offered.map((setting) => (
          <SettingField
            key={setting.name}
            setting={setting}
            value={form.written[setting.name] ?? ''}
            onValue={(value) => form.write(setting.name, value)}
          />
        ))}
      </div>
      {ignored.length > 0 && (
        <p class="hint">Taken, but without effect under this model: {ignored.join(', ')}.</p>
      )}
      <Problem problem={table.problem.value} />
    </section>
  );
}

function countCharacters(text: string): string {
  const count = Array.from(text).length;
  return count === 1 ? '1 character' : `${count} characters`;
}
