/** One instruction of a Dockerfile. */
export interface DockerfileStep {
  /** In capitals. */
  readonly instruction: string;
  /** What follows it, on one line. */
  readonly text: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** The instructions of a Dockerfile in their order; comments are left out, continued lines are joined. */
export function dockerfileSteps(file: string): readonly DockerfileStep[] {
  const steps: DockerfileStep[] = [];
  let begun: { parts: string[]; line: number } | undefined;
  for (const [index, written] of file.split('\n').entries()) {
    const line = written.trim();
    if (line.startsWith('#') || line === '') continue;
    begun ??= { parts: [], line: index + 1 };
    begun.parts.push(line.replace(/\\$/, '').trim());
    if (line.endsWith('\\')) continue;
    const [instruction = '', ...rest] = begun.parts.join(' ').split(/\s+/);
    steps.push({ instruction: instruction.toUpperCase(), text: rest.join(' '), line: begun.line });
    begun = undefined;
  }
  return steps;
}

/** One build stage. */
export interface DockerfileStage {
  readonly name: string;
  readonly from: string;
  readonly steps: readonly DockerfileStep[];
}

/** The stages of a Dockerfile with their steps, and the arguments that stand before the first. */
export function dockerfileStages(file: string): {
  readonly defaults: Readonly<Record<string, string>>;
  readonly stages: readonly DockerfileStage[];
} {
  const defaults: Record<string, string> = {};
  const stages: { name: string; from: string; steps: DockerfileStep[] }[] = [];
  for (const step of dockerfileSteps(file)) {
    const stage = stages.at(-1);
    if (step.instruction === 'FROM') {
      const [from = '', , name] = step.text.split(' ');
      stages.push({ from, name: name ?? `stage-${stages.length}`, steps: [] });
    } else if (stage) stage.steps.push(step);
    else if (step.instruction === 'ARG') {
      const [name = '', value = ''] = step.text.split('=');
      defaults[name] = value;
    }
  }
  return { defaults, stages };
}

/** Puts values where a text says `${NAME}`. */
export function withArguments(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** The pairs of `ENV`, `LABEL` and their like: `A=1 B="two words"`. */
export function pairsOf(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g);
  return Object.fromEntries(
    found.map(([, name = '', quoted, bare]) => [name, quoted ?? bare ?? ''] as const),
  );
}
