import '../board.css';
import { useSignal, type Signal } from '@preact/signals';
import { post } from '../connection.ts';
import { TextArea } from '../parts/field.tsx';
import { Failure, Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { Tick } from '../parts/tick.tsx';
import { VoicePicker } from '../parts/voice-picker.tsx';
import { Waveform } from '../parts/waveform.tsx';
import {
  contestantsOf,
  countVote,
  keepTally,
  nameOf,
  readTally,
  shuffled,
  type Contestant,
  type Tally,
} from '../speech/blind-test.ts';
import { fileCall, pathHere } from '../speech/speech-call.ts';
import { modelOptions, useSpeechTable } from '../speech/speech-models.ts';
import type { SpeechWish } from '../speech/speech-wish.ts';
import { offeredVoices, useVoices } from '../speech/voice-list.ts';
import { useTask } from '../task.ts';
import { countWords } from '../wording.ts';

/** More than this nobody can keep apart by ear. */
const MOST = 8;

/** What one contestant said. */
interface Sample {
  readonly contestant: Contestant;
  readonly sound: Blob;
}

/** One text through several voices or models, to be judged without knowing whose is whose. */
export function Compare() {
  const text = useSignal('The quick brown fox jumps over the lazy dog. Would you listen to it for an hour?');
  const chosenVoices = useSignal<readonly string[]>([]);
  const chosenModels = useSignal<readonly string[]>(['tts-1']);
  const isBlind = useSignal(true);
  const round = useRound();
  const contestants = contestantsOf(chosenVoices.value, chosenModels.value);
  const problem = problemWith(contestants.length, text.value);
  return (
    <Page
      title="Compare"
      lead="Hear one text in several voices, and say which you like best before you know whose it is."
    >
      <section class="card" aria-label="What to compare">
        <TextArea label="Text" rows={3} value={text.value} onValue={(value) => (text.value = value)} />
        <Tick
          label="Blind"
          hint="Names are hidden and the order is mixed until you have chosen."
          checked={isBlind.value}
          onChange={(value) => (isBlind.value = value)}
        />
        <div class="actions">
          <button
            type="button"
            disabled={problem !== '' || round.task.running.value}
            onClick={() => void round.play(text.value, { contestants, isBlind: isBlind.value })}
          >
            {round.task.running.value
              ? `Speaking ${round.count.value} of ${contestants.length} …`
              : 'Speak them all'}
          </button>
          {round.task.running.value && (
            <button type="button" class="quiet" onClick={round.task.stop}>
              Stop
            </button>
          )}
          <span class="figures">{problem || countWords(contestants.length, 'contestant')}</span>
        </div>
        <Failure message={round.task.failure.value} />
      </section>
      <Samples round={round} />
      <Contestants voices={chosenVoices} models={chosenModels} />
      <TallyCard tally={round.tally} />
    </Page>
  );
}

function problemWith(count: number, text: string): string {
  if (text.trim() === '') return 'There is no text.';
  if (count < 2) return 'Choose at least two voices, or one voice and two models.';
  return count > MOST ? `${count} are too many to keep apart: choose at most ${MOST}.` : '';
}

type Round = ReturnType<typeof useRound>;

interface RoundPlan {
  readonly contestants: readonly Contestant[];
  readonly isBlind: boolean;
}

/** A comparison from its order to its vote. */
function useRound() {
  const task = useTask();
  const samples = useSignal<readonly Sample[]>([]);
  const count = useSignal(0);
  const areNamesShown = useSignal(false);
  const best = useSignal<Contestant | undefined>(undefined);
  const tally = useSignal(readTally());
  return {
    task,
    samples,
    count,
    areNamesShown,
    best,
    tally,
    play: (text: string, { contestants, isBlind }: RoundPlan) =>
      task.begin(async (signal) => {
        samples.value = [];
        best.value = undefined;
        areNamesShown.value = !isBlind;
        const made: Sample[] = [];
        for (const contestant of contestants) {
          count.value = made.length + 1;
          const wish: SpeechWish = { dialect: 'openai', ...contestant, text, format: 'wav', settings: {} };
          const call = fileCall(wish);
          const answer = await post(pathHere(wish, call), call.body, { signal });
          made.push({ contestant, sound: await answer.blob() });
        }
        samples.value = isBlind ? shuffled(made) : made;
      }),
    vote: (contestant: Contestant) => {
      best.value = contestant;
      areNamesShown.value = true;
      const all = samples.peek().map((sample) => sample.contestant);
      tally.value = countVote(tally.peek(), all, contestant);
      keepTally(tally.peek());
    },
  };
}

function Samples({ round: { samples, areNamesShown, best, vote } }: { readonly round: Round }) {
  if (samples.value.length === 0) return null;
  return (
    <section class="card" aria-label="Samples">
      <div class="card-head">
        <h2>Which do you like best?</h2>
      </div>
      <ul class="samples">
        {samples.value.map(({ contestant, sound }, at) => {
          const letter = String.fromCharCode(65 + at);
          const isBest = best.value === contestant;
          return (
            <li key={letter} class={isBest ? 'sample chosen' : 'sample'}>
              <strong>
                Sample {letter}
                {areNamesShown.value && <small> {nameOf(contestant)}</small>}
              </strong>
              <Waveform sound={sound} label={`Sample ${letter}`} />
              <button
                type="button"
                class="quiet"
                disabled={best.value !== undefined}
                onClick={() => vote(contestant)}
              >
                {isBest ? 'Your choice' : `${letter} is best`}
              </button>
            </li>
          );
        })}
      </ul>
      <p role="status">{best.value && `You liked ${nameOf(best.value)} best.`}</p>
    </section>
  );
}

function Contestants({
  voices: chosenVoices,
  models: chosenModels,
}: {
  readonly voices: Signal<readonly string[]>;
  readonly models: Signal<readonly string[]>;
}) {
  const voices = useVoices();
  const table = useSpeechTable();
  const models = table.value.value ? modelOptions(table.value.value, 'openai') : [];
  const toggle = (id: string, isOn: boolean) => {
    const rest = chosenModels.peek().filter((one) => one !== id);
    chosenModels.value = isOn ? [...rest, id] : rest;
  };
  return (
    <>
      <section class="card" aria-label="Voices to compare">
        <div class="card-head">
          <h2>Voices</h2>
          <span class="figures">{chosenVoices.value.join(', ')}</span>
        </div>
        <Problem problem={voices.problem.value} />
        {voices.value.value && (
          <VoicePicker
            isMany
            voices={offeredVoices(voices.value.value)}
            chosen={chosenVoices.value}
            onChoose={(ids) => (chosenVoices.value = ids)}
          />
        )}
      </section>
      <section class="card" aria-label="Models to compare">
        <div class="card-head">
          <h2>Models</h2>
        </div>
        <div class="fields">
          {models.map(([id, text]) => (
            <Tick
              key={id}
              label={text}
              checked={chosenModels.value.includes(id)}
              onChange={(isOn) => toggle(id, isOn)}
            />
          ))}
        </div>
      </section>
    </>
  );
}

function TallyCard({ tally }: { readonly tally: Signal<Tally> }) {
  const rows = Object.entries(tally.value).sort(
    ([, one], [, other]) => other.won / other.met - one.won / one.met,
  );
  if (rows.length === 0) return null;
  const forget = () => {
    tally.value = {};
    keepTally({});
  };
  return (
    <section class="card" aria-label="Your votes">
      <div class="card-head">
        <h2>Your votes</h2>
        <button type="button" class="quiet" onClick={forget}>
          Forget them
        </button>
      </div>
      <ScrollTable label="Your votes" head={['Voice · model', 'Liked best', 'Of']} numbersFrom={1}>
        {rows.map(([name, { met, won }]) => (
          <tr key={name}>
            <td>{name}</td>
            <td class="number">{won}</td>
            <td class="number">{met}</td>
          </tr>
        ))}
      </ScrollTable>
      <p class="hint">Counted in this browser only.</p>
    </section>
  );
}
