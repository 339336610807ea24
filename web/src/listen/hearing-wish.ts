/** A recording that is to be written down. */
export interface HearingWish {
  readonly recording: File;
  readonly model: string;
  /** Empty where it is to be found out. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  readonly speakers: boolean;
  /** Whether every word is to get its time, for which the recording is heard a second time. */
  readonly words: boolean;
}
