import { ask } from '../connection.ts';
import { notesOf } from './speech-notes.ts';

/** A voice to be made from recordings. */
export interface VoiceDraft {
  readonly name: string;
  readonly description: string;
  readonly gender: string;
  readonly language: string;
  /** How the person who is heard agreed to it. */
  readonly consent: string;
  readonly denoise: boolean;
  readonly recordings: readonly File[];
}

export const emptyDraft: VoiceDraft = {
  name: '',
  description: '',
  gender: '',
  language: '',
  consent: '',
  denoise: false,
  recordings: [],
};

/** Makes the voice. Gives its id and what was not done as asked. */
export async function addVoice(
  draft: VoiceDraft,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  const { name, description, gender, language, consent, denoise, recordings } = draft;
  const form = new FormData();
  form.set('name', name.trim());
  if (description !== '') form.set('description', description);
  if (denoise) form.set('remove_background_noise', 'true');
  const labels = Object.entries({ gender, language, consent }).filter(([, value]) => value.trim() !== '');
  form.set('labels', JSON.stringify(Object.fromEntries(labels)));
  for (const recording of recordings) form.append('files', recording, recording.name);
  const answer = await ask('/elevenlabs/v1/voices/add', { method: 'POST', body: form, signal });
  const { voice_id: id }: { voice_id: string } = await answer.json();
  return { id, warnings: notesOf(answer).warnings };
}

/** Gives a voice another name. */
export async function renameVoice(id: string, name: string): Promise<void> {
  const form = new FormData();
  form.set('name', name.trim());
  await ask(`/elevenlabs/v1/voices/${encodeURIComponent(id)}/edit`, { method: 'POST', body: form });
}

/** Deletes a voice and the recordings that it was made from. */
export async function deleteVoice(id: string): Promise<void> {
  await ask(`/elevenlabs/v1/voices/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
