import { serveTasks } from '../../worker-task.ts';
import { performFilmTask, type FilmAnswer, type FilmTask } from './film-task.ts';

await serveTasks<FilmTask, FilmAnswer>({ prepare: () => undefined, run: performFilmTask });
