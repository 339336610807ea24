import { useSignal } from '@preact/signals';
import { install, installations, removeWeights, type Installation, type Weights } from '../weights.ts';
import { languageWords, sizeWords } from '../wording.ts';
import { Question } from './question.tsx';

const STATES = {
  installed: ['good', 'Installed'],
  absent: ['', 'Not installed'],
  partial: ['', 'Half fetched'],
  downloading: ['busy', 'Being fetched'],
  damaged: ['bad', 'Damaged'],
} as const;

/** So many languages are told by name; of the others only how many. */
const NAMED_LANGUAGES = 6;

interface RowProps {
  readonly weights: Weights;
  readonly isAdmin: boolean;
  /** Called when the list has to be asked for again. */
  readonly onChange: () => Promise<void>;
}

/** A model: what it is, what it takes, and the way to have it or be rid of it. */
export function WeightsRow({ weights, isAdmin, onChange }: RowProps) {
  const { id, title, description, state, problem, page } = weights;
  const running = installations.value.get(id);
  const [tone, word] = running?.stop ? STATES.downloading : STATES[state];
  return (
    <li class="row" aria-label={`${title}, ${word}`}>
      <div class="row-head">
        <h3>{title}</h3>
        <span class={`badge ${tone}`}>{word}</span>
        {!weights.commercialUse && <span class="badge bad">Not for commercial use</span>}
        {isAdmin && <WeightsActs weights={weights} isAdmin={isAdmin} onChange={onChange} />}
      </div>
      <p>{description}</p>
      <WeightsFacts weights={weights} />
      {problem !== undefined && <p class="failure">{problem}</p>}
      {page !== undefined && state === 'absent' && (
        <p class="soft">
          It comes in an archive that somebody has to unpack by hand:{' '}
          <a href={page} rel="noreferrer">
            where it is
          </a>
          .
        </p>
      )}
      <InstallationState weights={weights} installation={running} />
    </li>
  );
}

function WeightsFacts({ weights }: { readonly weights: Weights }) {
  const { id, licence, languages, memoryBytes, bytesOnDisk, totalBytes, needs } = weights;
  const size = totalBytes ?? bytesOnDisk;
  return (
    <div class="facts">
      <span>
        <code>{id}</code>
      </span>
      <span>Licence {licence}</span>
      {size > 0 && <span>{sizeWords(size)} of disk</span>}
      <span>{sizeWords(memoryBytes)} of memory</span>
      <span>{languagesOf(languages)}</span>
      {weights.implements.length > 0 && <span>Answers to {weights.implements.join(', ')} as itself</span>}
      {needs.length > 0 && <span>Comes with {needs.join(', ')}</span>}
    </div>
  );
}

function languagesOf(languages: Weights['languages']): string {
  if (languages === 'any') return 'Any language';
  const names = languages.slice(0, NAMED_LANGUAGES).map(languageWords).join(', ');
  const others = languages.length - NAMED_LANGUAGES;
  return others > 0 ? `${names} and ${others} more` : names;
}

function InstallationState({
  weights: { id, title, state, bytesOnDisk, totalBytes },
  installation,
}: {
  readonly weights: Weights;
  readonly installation: Installation | undefined;
}) {
  if (installation?.failure !== undefined) {
    return (
      <p role="alert" class="failure">
        {installation.failure}
      </p>
    );
  }
  if (!installation && state !== 'downloading') return null;
  const received = installation ? installation.receivedBytes : bytesOnDisk;
  const all = installation?.totalBytes ?? totalBytes;
  return (
    <>
      <progress
        aria-label={`Fetching ${title}`}
        {...(all === undefined ? {} : { value: received, max: Math.max(all, 1) })}
      />
      <p class="figures">
        {sizeWords(received)}
        {all !== undefined && ` of ${sizeWords(all)}`} <code>{installation?.file ?? id}</code>
      </p>
    </>
  );
}

function WeightsActs({ weights, onChange }: RowProps) {
  const question = useSignal<'licence' | 'removal' | undefined>(undefined);
  const { id, title, state, commercialUse, page } = weights;
  const running = installations.value.get(id);
  const begin = async (acceptLicence: boolean) => {
    await install(id, acceptLicence);
    await onChange();
  };
  const close = () => (question.value = undefined);
  const ask = () => {
    if (commercialUse) void begin(false);
    else question.value = 'licence';
  };
  if (running?.stop) {
    return (
      <div class="actions">
        <button type="button" class="quiet slim" onClick={running.stop} aria-label={`Stop fetching ${title}`}>
          Stop
        </button>
      </div>
    );
  }
  return (
    <div class="actions">
      {state !== 'installed' && page === undefined && (
        <button type="button" class="slim" onClick={ask} aria-label={`${verbOf(weights)} ${title}`}>
          {verbOf(weights)}
        </button>
      )}
      {(state === 'installed' || state === 'partial' || state === 'damaged') && (
        <button
          type="button"
          class="quiet slim danger"
          aria-label={`Remove ${title}`}
          onClick={() => (question.value = 'removal')}
        >
          Remove
        </button>
      )}
      {question.value === 'licence' && (
        <LicenceQuestion weights={weights} onClose={close} onYes={async () => void begin(true)} />
      )}
      {question.value === 'removal' && (
        <RemovalQuestion
          title={title}
          onClose={close}
          onYes={async () => {
            await removeWeights(id);
            await onChange();
          }}
        />
      )}
    </div>
  );
}

interface QuestionProps {
  readonly onYes: () => Promise<void>;
  readonly onClose: () => void;
}

function RemovalQuestion({ title, ...answers }: QuestionProps & { readonly title: string }) {
  return (
    <Question title={`Remove ${title}?`} act="Remove it" {...answers}>
      <p>
        Its files are deleted from the server. Whatever asked for it is answered by another model, or refused,
        until it is installed again.
      </p>
    </Question>
  );
}

function verbOf({ state }: Weights): string {
  if (state === 'partial') return 'Go on with';
  if (state === 'damaged') return 'Mend';
  return state === 'downloading' ? 'Follow' : 'Install';
}

function LicenceQuestion({
  weights: { title, licence },
  ...answers
}: QuestionProps & { readonly weights: Weights }) {
  const agrees = useSignal(false);
  return (
    <Question title={`Install ${title}?`} act="Install it" isReady={agrees.value} {...answers}>
      <p>Its licence ({licence}) forbids commercial use, or nothing shows that commercial use is allowed.</p>
      <label class="tick">
        <input
          type="checkbox"
          checked={agrees.value}
          onChange={(event) => (agrees.value = event.currentTarget.checked)}
        />
        I agree to this licence.
      </label>
    </Question>
  );
}
