import { Refusal } from '../connection.ts';
import { isClosed } from '../fetched.ts';
import { Failure } from './page.tsx';

/** Why something is not shown: what a key may not see is explained, everything else is a failure. */
export function Problem({ problem }: { readonly problem: Error | undefined }) {
  if (!problem || !isClosed(problem)) return <Failure message={problem?.message ?? ''} />;
  const isStranger = problem instanceof Refusal && problem.status === 401;
  return (
    <div class="told" role="status">
      <strong>{isStranger ? 'This server asks for an API key.' : 'Your key may not see this.'}</strong>{' '}
      {isStranger && 'Put yours into the field “API key” of the menu. '}
      <span class="soft">{problem.message}</span>
    </div>
  );
}
