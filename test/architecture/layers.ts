import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

/** The rooms of the house and the rooms that each may import from, besides itself. Siblings inside `dialects` and `engines` are strangers: see below. */
export const LAYERS = {
  base: [],
  media: ['base'],
  core: ['media', 'base'],
  engines: ['core', 'media', 'base'],
  dialects: ['core', 'base'],
  platform: ['core', 'base'],
  // Holds any server to a contract, over the wire: a client, which must know nothing of how this one is made.
  conformance: ['media', 'base'],
} as const satisfies Record<string, readonly string[]>;

/** Rooms whose sub-folders must not know one another. */
const STRANGERS = ['dialects', 'engines'] as const;

/** The admission rules for the tree under `root`, in dependency-cruiser's terms. */
export function layerRules(root: string): IForbiddenRuleType[] {
  const rooms = Object.entries(LAYERS).map(([room, allowed]) => ({
    name: `layer-${room}`,
    severity: 'error' as const,
    from: { path: `^${root}/${room}/` },
    to: { path: `^${root}/`, pathNot: [room, ...allowed].map((other) => `^${root}/${other}/`) },
  }));
  const strangers = STRANGERS.map((room) => ({
    name: `strangers-${room}`,
    severity: 'error' as const,
    from: { path: `^${root}/${room}/([^/]+)/`, pathNot: `^${root}/${room}/index\\.ts$` },
    to: { path: `^${root}/${room}/([^/]+)/`, pathNot: `^${root}/${room}/$1/` },
  }));
  return [
    ...rooms,
    ...strangers,
    {
      name: 'core-owns-no-package',
      severity: 'error',
      // Tests of the core may use the test runner; the core itself uses nothing.
      from: { path: `^${root}/core/`, pathNot: '\\.test\\.ts$' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
      },
    },
    { name: 'no-cycles', severity: 'error', from: { path: `^${root}/` }, to: { circular: true } },
    {
      name: 'nothing-missing',
      severity: 'error',
      from: { path: `^${root}/` },
      to: { couldNotResolve: true },
    },
  ];
}

export interface Admission {
  readonly filesSeen: number;
  /** `rule: from -> to`, sorted. */
  readonly complaints: readonly string[];
}

/** What was read of each tree: whoever asks twice of the same one waits once. */
const read = new Map<string, Promise<ICruiseResult>>();

/** Reads every import under `root`, type-only ones included, and judges it. */
export function readImports(root: string): Promise<ICruiseResult> {
  const reading = read.get(root) ?? cruiseTree(root);
  read.set(root, reading);
  return reading;
}

async function cruiseTree(root: string): Promise<ICruiseResult> {
  const reply = await cruise([root], {
    ruleSet: { forbidden: layerRules(root) },
    validate: true,
    // TypeScript 7 has no compiler API for the default parser, which then sees no file at all and says nothing.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'sonic-wasm\\.d\\.ts$' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  });
  return reply.output as ICruiseResult; // Without an output type the reply is the result object itself.
}

/** Lists the imports under `root` that the rules refuse. */
export async function checkAdmission(root: string): Promise<Admission> {
  const result = await readImports(root);
  const complaints = result.summary.violations.map((one) => `${one.rule.name}: ${one.from} -> ${one.to}`);
  const seen = result.modules.filter((one) => one.source.startsWith(`${root}/`)).length;
  return { filesSeen: seen, complaints: complaints.sort() };
}
