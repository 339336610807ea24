/** A request as somebody would write it in their program. */
export interface CodeSample {
  readonly vendor: 'OpenAI' | 'ElevenLabs' | 'Eigen AI' | 'AI/ML API' | 'Antiphon';
  readonly language: 'curl' | 'Python' | 'TypeScript';
  readonly code: string;
}
