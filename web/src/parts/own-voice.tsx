import { useSignal } from '@preact/signals';
import { hrefOf } from '../route.ts';
import { deleteVoice, renameVoice } from '../speech/own-voices.ts';
import type { AddedVoice } from '../speech/voice-list.ts';
import { countWords, languageWords, momentWords, spanWords } from '../wording.ts';
import { Input } from './field.tsx';
import { Question } from './question.tsx';
import { PreviewButton } from './voice-picker.tsx';

/** A voice that was added here, and what its owner can do with it. */
export function OwnVoice({
  voice,
  isPlayed,
  onChange,
}: {
  readonly voice: AddedVoice;
  /** Whether another voice plays it, because nothing here takes on voices. */
  readonly isPlayed: boolean;
  readonly onChange: () => void;
}) {
  const asks = useSignal<'nothing' | 'rename' | 'delete'>('nothing');
  const close = () => {
    asks.value = 'nothing';
  };
  return (
    <li class="own-voice">
      <PreviewButton id={voice.id} name={voice.name} />
      <div>
        <strong>{voice.name}</strong>
        {isPlayed && <span class="badge">played by the nearest voice</span>}
        <small>{factsOf(voice).join(' · ')}</small>
      </div>
      <div class="actions">
        <a href={hrefOf('speak', { voice: voice.id })}>
          Speak<span class="visually-hidden"> with {voice.name}</span>
        </a>
        {voice.isOwner && (
          <>
            <button
              type="button"
              class="quiet"
              aria-label={`Rename ${voice.name}`}
              onClick={() => (asks.value = 'rename')}
            >
              Rename
            </button>
            <button
              type="button"
              class="quiet"
              aria-label={`Delete ${voice.name}`}
              onClick={() => (asks.value = 'delete')}
            >
              Delete
            </button>
          </>
        )}
      </div>
      {asks.value === 'rename' && <Renaming voice={voice} onChange={onChange} onClose={close} />}
      {asks.value === 'delete' && (
        <Question
          title={`Delete ${voice.name}?`}
          act="Delete it"
          onYes={() => deleteVoice(voice.id).then(onChange)}
          onClose={close}
        >
          <p>The voice and the recordings that it was made from are gone then, and cannot be brought back.</p>
        </Question>
      )}
    </li>
  );
}

function Renaming({
  voice: { id, name },
  onChange,
  onClose,
}: {
  readonly voice: AddedVoice;
  readonly onChange: () => void;
  readonly onClose: () => void;
}) {
  const wanted = useSignal(name);
  return (
    <Question
      title={`Rename ${name}`}
      act="Rename it"
      isReady={wanted.value.trim() !== ''}
      onYes={() => renameVoice(id, wanted.value).then(onChange)}
      onClose={onClose}
    >
      <Input label="New name" value={wanted.value} onValue={(value) => (wanted.value = value)} />
    </Question>
  );
}

function factsOf({ samples, language, gender, description, labels, createdAt, isOwner }: AddedVoice) {
  const seconds = samples.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  const { consent } = labels;
  return [
    ...(gender === undefined ? [] : [gender]),
    ...(language === undefined ? [] : [languageWords(language)]),
    ...(samples.length === 0
      ? ['described']
      : [`${countWords(samples.length, 'recording')}, ${spanWords(seconds)}`]),
    `added ${momentWords(new Date(createdAt).toISOString())}`,
    ...(isOwner ? [] : ['belongs to everybody']),
    ...(description === '' ? [] : [description]),
    ...(consent === undefined ? [] : [`consent: ${consent}`]),
  ];
}
