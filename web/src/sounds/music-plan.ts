/** A piece as ElevenLabs' first model of music has it laid out. */
export interface MusicPlan {
  readonly positive_global_styles: readonly string[];
  readonly negative_global_styles: readonly string[];
  readonly sections: readonly MusicSection[];
}

/** One part of a piece. */
export interface MusicSection {
  readonly section_name: string;
  readonly positive_local_styles: readonly string[];
  readonly negative_local_styles: readonly string[];
  readonly duration_ms: number;
  readonly lines: readonly string[];
}

/** The plan with one of its sections changed. */
export function withSection(plan: MusicPlan, at: number, change: Partial<MusicSection>): MusicPlan {
  const sections = plan.sections.map((section, index) =>
    index === at ? { ...section, ...change } : section,
  );
  return { ...plan, sections };
}

/** The plan without one of its sections. */
export function withoutSection(plan: MusicPlan, at: number): MusicPlan {
  return { ...plan, sections: plan.sections.filter((_, index) => index !== at) };
}

/** The plan with one more section like the last. */
export function withOneMore(plan: MusicPlan): MusicPlan {
  const last = plan.sections.at(-1);
  if (!last) return plan;
  const section = { ...last, section_name: `Part ${plan.sections.length + 1}`, lines: [] };
  return { ...plan, sections: [...plan.sections, section] };
}

/** What somebody wrote between commas. */
export function stylesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((style) => style.trim())
    .filter((style) => style !== '');
}
