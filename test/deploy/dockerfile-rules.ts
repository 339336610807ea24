import { validate } from 'dockerfile-utils';
import {
  dockerfileStages,
  pairsOf,
  withArguments,
  type DockerfileStage,
  type DockerfileStep,
} from './dockerfile-steps.ts';

type Steps = readonly DockerfileStep[];

interface Rule {
  readonly of: string;
  readonly forbids: RegExp;
  readonly why: string;
}

/** What no instruction may look like. */
const FORBIDDEN: readonly Rule[] = [
  { of: 'ADD', forbids: /./, why: 'COPY is plain: ADD unpacks archives and fetches addresses' },
  { of: 'COPY', forbids: /^(?:--\S+ )*\.\/? /, why: 'the whole context is copied, whatever lies in it' },
  { of: 'RUN', forbids: /\bsudo\b/, why: 'steps run as root already' },
  {
    of: 'RUN',
    forbids: /(?:curl|wget)[^|]*\|\s*(?:ba)?sh\b/,
    why: 'a page of the network is run as a program',
  },
  { of: 'RUN', forbids: /\bnpm (?:install|i|update)\b/, why: 'only `npm ci` keeps to the lock file' },
  {
    of: 'RUN',
    forbids: /\bnpm ci\b(?!.*--(?:omit|include)=dev)/,
    why: 'tools for development do not belong into an image',
  },
  {
    of: 'COPY',
    forbids: /^--from=playground (?!\/app\/web\/dist )/,
    why: 'of the stage with the tools for development only what they built belongs into an image',
  },
  {
    of: 'RUN',
    forbids: /\bapt-get install\b(?!.*--no-install-recommends)/,
    why: 'more is installed than was asked for',
  },
  {
    of: 'RUN',
    forbids: /\bapt-get upgrade\b/,
    why: 'what it brings differs from day to day: take a newer base',
  },
  { of: 'RUN', forbids: /\bchmod (?:-R )?[0-7]?777\b/, why: 'everybody may write there' },
  {
    of: 'HEALTHCHECK',
    forbids: /^NONE\b|\b(?:curl|wget)\b/,
    why: 'it must be there, with what the image has',
  },
  { of: 'ENTRYPOINT', forbids: /^[^[]/, why: 'a shell would stand between the program and its signals' },
  { of: 'CMD', forbids: /^[^[]/, why: 'a shell would stand between the program and its signals' },
  { of: 'ENV', forbids: /\w*(?:PASSWORD|SECRET|TOKEN)\w*=/, why: 'secrets stay readable in an image' },
  { of: 'ARG', forbids: /\w*(?:PASSWORD|SECRET|TOKEN)\w*/, why: 'secrets stay readable in an image' },
];

/** A version with at least two parts, or a digest. */
const PINNED = /:v?\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$/;

/** What is wrong with a Dockerfile, each with its line; nothing when it is well. */
export function dockerfileComplaints(file: string): readonly string[] {
  const { defaults, stages } = dockerfileStages(file);
  const steps = stages.flatMap((stage) => stage.steps);
  return [
    ...validate(file).map(({ range, message }) => `${range.start.line + 1}: ${JSON.stringify(message)}`),
    ...steps.flatMap(({ instruction, text, line }) =>
      FORBIDDEN.filter(({ of, forbids }) => of === instruction && forbids.test(text)).map(
        ({ why }) => `${line}: ${instruction}: ${why}`,
      ),
    ),
    ...stages.flatMap(({ from }) => complainOfBase(withArguments(from, defaults), stages)),
    ...stages.filter(isLeaf).flatMap((stage) => complainOfLeaf(stage, stages)),
  ];
}

function complainOfBase(from: string, stages: readonly DockerfileStage[]): readonly string[] {
  const isStage = stages.some(({ name }) => name === from);
  return isStage || PINNED.test(from) ? [] : [`FROM ${from}: the base is not pinned to a version`];
}

/** A stage that may become the image: nothing is built on it by its own name. */
function isLeaf({ name }: DockerfileStage, _: number, stages: readonly DockerfileStage[]): boolean {
  const isCopied = stages.some(({ steps }) => steps.some(({ text }) => text.startsWith(`--from=${name} `)));
  const isEnd =
    stages.at(-1)?.name === name && stages.at(-1)?.from.includes('${') === true && stages.length > 1;
  return !isCopied && !isEnd && !stages.some(({ from }) => from === name);
}

function complainOfLeaf(leaf: DockerfileStage, stages: readonly DockerfileStage[]): readonly string[] {
  const steps = withParents(leaf, stages);
  const last = (instruction: string) => steps.findLast((step) => step.instruction === instruction)?.text;
  const labels = steps.filter(({ instruction }) => instruction === 'LABEL').map(({ text }) => pairsOf(text));
  const missing = ['title', 'description', 'version', 'licenses'].filter(
    (name) => !labels.some((pairs) => pairs[`org.opencontainers.image.${name}`]),
  );
  return [
    ...(/^[1-9]\d*(?::[1-9]\d*)?$/.test(last('USER') ?? '') ? [] : ['USER is not a number above 0']),
    ...['HEALTHCHECK', 'ENTRYPOINT', 'STOPSIGNAL', 'EXPOSE', 'VOLUME']
      .filter((instruction) => last(instruction) === undefined)
      .map((instruction) => `there is no ${instruction}`),
    ...missing.map((name) => `there is no label ${name}`),
  ].map((complaint) => `${leaf.name}: ${complaint}`);
}

function withParents(stage: DockerfileStage, stages: readonly DockerfileStage[]): Steps {
  const parent = stages.find(({ name }) => name === stage.from);
  return [...(parent ? withParents(parent, stages) : []), ...stage.steps];
}
