import { AppError } from '../../base/errors.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import { slotAt, type GraphTemplate, type SlotName } from './graph-template.ts';

type Body = Readonly<Record<string, unknown>>;

const MOST_WORDS = 300;

/**
 * Why a server did not take a graph. A value in a slot is the caller's to mend, and its setting is named; everything
 * else in the graph is the operator's.
 */
export function refusedGraph(
  body: Body,
  template: GraphTemplate,
  wordOf: (slot: SlotName) => string,
): AppError {
  for (const { node, input, message } of nodeErrors(body)) {
    const slot = slotAt(template, node, input);
    if (!slot) continue;
    return new AppError(
      'invalid_request',
      `The engine refused the request: ${message}`.slice(0, MOST_WORDS),
      {
        param: wordOf(slot),
        reason: 'engine_refusal',
      },
    );
  }
  const [first] = nodeErrors(body);
  const words = first
    ? `${first.message} (node ${first.node})`
    : (readErrorObject(body).message ?? 'it did not say why');
  return new AppError(
    'engine_failed',
    `The template does not fit the engine's server: ${words.slice(0, MOST_WORDS)}`,
    {
      reason: 'template',
    },
  );
}

interface NodeError {
  readonly node: string;
  readonly input: string;
  readonly message: string;
}

function nodeErrors({ node_errors: byNode }: Body): NodeError[] {
  if (!isRecord(byNode)) return [];
  return Object.entries(byNode).flatMap(([node, told]) => {
    const errors: unknown = isRecord(told) ? told['errors'] : undefined;
    if (!Array.isArray(errors)) return [];
    return errors.filter(isRecord).map((error) => {
      const extra = isRecord(error['extra_info']) ? error['extra_info'] : {};
      const words = [error['message'], error['details']].filter(
        (one) => typeof one === 'string' && one !== '',
      );
      return { node, input: textOf(extra['input_name']), message: words.join(': ') };
    });
  });
}

/** Why a graph that was taken did not come to its end; undefined when it did. */
export function failedGraph({ status }: Body): AppError | undefined {
  if (!isRecord(status) || status['status_str'] !== 'error') return undefined;
  const messages: unknown = status['messages'];
  const told = Array.isArray(messages) ? messages.filter(Array.isArray) : [];
  const [, error] = told.find(([type]) => type === 'execution_error') ?? [];
  if (isRecord(error)) {
    const node = typeof error['node_type'] === 'string' ? ` in ${error['node_type']}` : '';
    const words = textOf(error['exception_message']).trim() || 'it did not say why';
    return failure(`The engine failed${node}: ${words.slice(0, MOST_WORDS)}`, 'execution_error');
  }
  return failure("The work was interrupted at the engine's server.", 'interrupted');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function failure(message: string, reason: string): AppError {
  return new AppError('engine_failed', message, { reason });
}
