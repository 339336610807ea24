import '../board.css';
import { useEvery, useFetched } from '../fetched.ts';
import { Engines, type EngineList } from '../parts/engine-list.tsx';
import { Page } from '../parts/page.tsx';
import { ServedNames } from '../parts/served-names.tsx';
import { WeightsList } from '../parts/weights-list.tsx';
import { useVisitor } from '../visitor.ts';
import { installations } from '../weights.ts';

/** How often engines are looked at, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;

/** What is installed, what could be, and which names lead to it. */
export function Models() {
  const visitor = useVisitor();
  const engines = useFetched<EngineList>('/antiphon/v1/engines');
  const isAdmin = visitor.value.value?.role === 'admin';
  useEvery(LOOK_AGAIN_MS, () => void engines.reload());
  // What was installed changes which names are answered, and by what.
  const settled = [...installations.value.values()].filter(({ stop }) => stop).length;
  return (
    <Page title="Models" lead="What makes speech, text, sound and pictures here, and what could.">
      <WeightsList isAdmin={isAdmin} />
      <ServedNames key={settled} />
      <Engines list={engines} isAdmin={isAdmin} />
    </Page>
  );
}
