import '../board.css';
import '../media.css';
import { useFetched } from '../fetched.ts';
import { NewVoice } from '../parts/new-voice.tsx';
import { OwnVoice } from '../parts/own-voice.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { VoicePicker } from '../parts/voice-picker.tsx';
import { previewProblem } from '../speech/preview.ts';
import { offeredVoices, useVoices } from '../speech/voice-list.ts';

/** What ElevenLabs' list says beside what ours does. */
interface ListedVoices {
  readonly voices: readonly {
    readonly voice_id: string;
    readonly antiphon: { readonly stand_in: boolean };
  }[];
}

/** Where it tells of so many added voices; nobody is asked where there are none. */
function listOf(added: number): string | undefined {
  if (added === 0) return undefined;
  return added <= 100
    ? '/elevenlabs/v2/voices?voice_type=non-default&page_size=100'
    : '/elevenlabs/v1/voices';
}

/** All voices: one's own, to be made, heard, renamed and deleted, and those that came with the server. */
export function Voices() {
  const voices = useVoices();
  const all = voices.value.value;
  const listed = useFetched<ListedVoices>(listOf(all?.added.length ?? 0));
  const reload = () => {
    void voices.reload();
    void listed.reload();
  };
  const played = new Set(
    listed.value.value?.voices.filter(({ antiphon }) => antiphon.stand_in).map((one) => one.voice_id),
  );
  return (
    <Page title="Voices" lead="Voices that were added here, and those that came with the server.">
      <section class="card" aria-label="Added voices">
        <div class="card-head">
          <h2>Added voices</h2>
        </div>
        <Problem problem={voices.problem.value} />
        {all?.added.length === 0 && <p class="hint">There are none yet. Add one below.</p>}
        <ul class="own-voices">
          {all?.added.map((voice) => (
            <OwnVoice key={voice.id} voice={voice} isPlayed={played.has(voice.id)} onChange={reload} />
          ))}
        </ul>
        <Problem problem={previewProblem.value} />
      </section>
      <NewVoice onAdded={reload} />
      {all && (
        <section class="card" aria-label="Built-in voices">
          <div class="card-head">
            <h2>Built-in voices</h2>
          </div>
          <p class="hint">
            A vendor’s well-known name is played by a voice of this server that is like it. Follow a name to
            speak with it.
          </p>
          <VoicePicker voices={offeredVoices({ ...all, added: [] })} />
        </section>
      )}
    </Page>
  );
}
