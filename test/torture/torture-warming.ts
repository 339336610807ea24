import { ask, settled, type Address } from './torture-asking.ts';
import type { Operation } from './torture-operations.ts';

/** Names of members that hold an id which can be asked for later. */
const ID_NAME = /(^|_)id$|Id$|^jobId$|ticket/;
const MOST_IDS = 60;

/** Sends the first example of every route that makes something, and gives the ids in the answers. */
export async function idsThere(
  operations: readonly Operation[],
  address: Pick<Address, 'origin' | 'agent' | 'key'>,
  keptId: string,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const making = operations.filter(
    ({ method, isSocket }) => !isSocket && (method === 'POST' || method === 'GET'),
  );
  for (const operation of making) {
    if (operation.template.includes('{')) continue;
    const example = operation.bodies.find(({ mediaType }) => mediaType === 'application/json')?.examples[0];
    if (operation.method === 'POST' && !example) continue;
    const asked = {
      method: operation.method,
      url: operation.ownMount + operation.template,
      headers: { 'content-type': 'application/json' },
      body: example
        ? Buffer.from(JSON.stringify(example).replace(/https?:\/\/[^/"\\]+/g, 'http://127.0.0.1:9'))
        : undefined,
      credential: 'ours' as const,
      isOwnMount: true,
    };
    const { status, headers, body } = await ask(settled(asked, { key: address.key, ids: [] }), address);
    if (status >= 300 || !headers['content-type']?.startsWith('application/json')) continue;
    for (const id of idsIn(jsonOf(body.toString()))) if (id !== keptId) found.add(id);
  }
  return [...found].slice(0, MOST_IDS);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function idsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .slice(0, 6)
    .flatMap(([name, member]) =>
      typeof member === 'string' ? (ID_NAME.test(name) && member !== '' ? [member] : []) : idsIn(member),
    );
}

/** The id of the key with which all is asked: whoever takes it away ends the trial. */
export async function ownKeyId({ origin, key }: Pick<Address, 'origin' | 'key'>): Promise<string> {
  const answer = await fetch(`${origin}/antiphon/v1/keys/me`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { id = '' } = (await answer.json()) as { id?: string }; // The route is held to this by its own tests.
  return id;
}
