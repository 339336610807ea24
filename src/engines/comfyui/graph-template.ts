import { z } from 'zod';

/** What of a request may stand in a graph, and what it must be. Nothing else of a request ever reaches one. */
export const SLOT_TYPES = {
  prompt: 'text',
  negative: 'text',
  lyrics: 'text',
  seed: 'integer',
  steps: 'integer',
  cfg: 'number',
  true_cfg: 'number',
  strength: 'number',
  lora_strength: 'number',
  rank: 'integer',
  offloading: 'boolean',
  influence: 'number',
  width: 'integer',
  height: 'integer',
  frames: 'integer',
  fps: 'number',
  seconds: 'number',
  start: 'number',
  image: 'file',
  image2: 'file',
  image3: 'file',
  mask: 'file',
} as const satisfies Readonly<Record<string, 'text' | 'integer' | 'number' | 'boolean' | 'file'>>;

/** One of the slots. */
export type SlotName = keyof typeof SLOT_TYPES;

/** What is put into a slot. */
export type SlotValue = string | number | boolean;

/** A place in a graph: a node, and one of its inputs. */
export interface SlotPlace {
  readonly node: string;
  readonly input: string;
}

/** Where a value goes, and what values fit. */
export interface Slot {
  readonly places: readonly SlotPlace[];
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  /** Values are `offset` and a multiple of this. */
  readonly step?: number | undefined;
  readonly offset: number;
  /** What stands in the graph for each value. */
  readonly choices?: Readonly<Record<string, string | number>> | undefined;
}

/** A node of a graph, as ComfyUI exports it. */
export interface GraphNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A graph by the ids of its nodes. */
export type Graph = Readonly<Record<string, GraphNode>>;

/** A graph of the operator, with typed slots. */
export interface GraphTemplate {
  readonly slots: ReadonlyMap<SlotName, Slot>;
  readonly graph: Graph;
  /** The node whose files are the result; any where absent. */
  readonly output?: string | undefined;
}

const place = z
  .string()
  .regex(/^[^.]+\..+$/, 'must be a node and an input with a point between them, such as "6.text"');

const slot = z.union([
  place,
  z.array(place).min(1),
  z.strictObject({
    at: z.union([place, z.array(place).min(1)]),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    step: z.number().positive().optional(),
    offset: z.number().default(0),
    choices: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
]);

const templateFile = z.strictObject({
  title: z.string().optional(),
  slots: z.record(z.string(), slot),
  output: z.string().optional(),
  graph: z.record(
    z.string(),
    z.looseObject({ class_type: z.string().min(1), inputs: z.record(z.string(), z.unknown()) }),
  ),
});

/** Reads the text of a template. Throws, in words for the operator, what does not fit together. */
export function readTemplate(text: string): GraphTemplate {
  const file = templateFile.parse(JSON.parse(text));
  const slots = new Map<SlotName, Slot>();
  for (const [name, written] of Object.entries(file.slots)) {
    if (!isSlotName(name))
      throw new Error(`there is no slot '${name}', only ${Object.keys(SLOT_TYPES).join(', ')}`);
    slots.set(name, toSlot(name, written, file.graph));
  }
  if (!slots.has('prompt')) throw new Error('a template needs a slot for the prompt');
  if (file.output !== undefined && !file.graph[file.output])
    throw new Error(`there is no node '${file.output}'`);
  return { slots, graph: file.graph, output: file.output };
}

function isSlotName(name: string): name is SlotName {
  return Object.hasOwn(SLOT_TYPES, name);
}

function toSlot(name: SlotName, written: z.output<typeof slot>, graph: Graph): Slot {
  const { at, ...rest } =
    typeof written === 'string' || Array.isArray(written) ? { at: written, offset: 0 } : written;
  const places = [at].flat().map((text): SlotPlace => {
    const point = text.indexOf('.');
    return { node: text.slice(0, point), input: text.slice(point + 1) };
  });
  for (const one of places)
    checkPlace(name, one, { graph, isChoice: 'choices' in rest && rest.choices !== undefined });
  return { ...rest, places };
}

function checkPlace(
  name: SlotName,
  { node, input }: SlotPlace,
  { graph, isChoice }: { readonly graph: Graph; readonly isChoice: boolean },
): void {
  const found = graph[node];
  if (!found) throw new Error(`the slot '${name}' is at the node '${node}', which is not in the graph`);
  if (!Object.hasOwn(found.inputs, input)) {
    throw new Error(`the slot '${name}' is at the input '${input}', which the node '${node}' does not have`);
  }
  const present = found.inputs[input];
  if (Array.isArray(present))
    throw new Error(`the slot '${name}' is at ${node}.${input}, which is a link to another node`);
  if (!isChoice && !fits(present, SLOT_TYPES[name])) {
    throw new Error(
      `the slot '${name}' takes a value of the type ${SLOT_TYPES[name]}, and ${node}.${input} holds ${JSON.stringify(present)}`,
    );
  }
}

function fits(value: unknown, type: (typeof SLOT_TYPES)[SlotName]): boolean {
  if (type === 'text' || type === 'file') return typeof value === 'string';
  if (type === 'boolean') return typeof value === 'boolean';
  // A fraction in the graph may hold a whole number at the moment, and the other way round it may not.
  return typeof value === 'number' && (type === 'number' || Number.isInteger(value));
}

/** The graph with values in its slots. Nodes that read a file that did not come are taken out, with the links to them. */
export function fillTemplate(
  { slots, graph }: GraphTemplate,
  values: ReadonlyMap<SlotName, SlotValue>,
): Graph {
  const filled = structuredClone(graph);
  const inputs = new Map(
    Object.entries(filled).map(([id, node]) => [id, new Map(Object.entries(node.inputs))]),
  );
  const gone = new Set<string>();
  for (const [name, one] of slots) {
    const value = values.get(name);
    for (const { node, input } of one.places) {
      if (value !== undefined) inputs.get(node)?.set(input, inGraph(value, one));
      else if (SLOT_TYPES[name] === 'file') gone.add(node);
    }
  }
  const kept = Object.entries(filled).filter(([id]) => !gone.has(id));
  return Object.fromEntries(
    kept.map(([id, node]) => {
      const own = [...(inputs.get(id) ?? [])].filter(([, value]) => !isLinkTo(value, gone));
      return [id, { ...node, inputs: Object.fromEntries(own) }];
    }),
  );
}

function isLinkTo(value: unknown, gone: ReadonlySet<string>): boolean {
  return Array.isArray(value) && gone.has(String(value[0]));
}

function inGraph(value: SlotValue, { choices }: Slot): SlotValue {
  return choices?.[String(value)] ?? value;
}

/** A number as a slot takes it: within its range, on its steps. */
export function settled(value: number, name: SlotName, { minimum, maximum, step, offset }: Slot): number {
  const within = Math.min(maximum ?? value, Math.max(minimum ?? value, value));
  const stepped =
    step === undefined ? within : offset + step * Math.max(0, Math.round((within - offset) / step));
  return SLOT_TYPES[name] === 'integer' ? Math.round(stepped) : stepped;
}

/** The slot that a node's input belongs to; undefined for what the template itself says. */
export function slotAt({ slots }: GraphTemplate, node: string, input: string): SlotName | undefined {
  for (const [name, { places }] of slots) {
    if (places.some((one) => one.node === node && one.input === input)) return name;
  }
  return undefined;
}
