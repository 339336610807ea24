// Films from elsewhere are read, and films in stretches put together, in one way, whoever made them.
export { readFilm, type FilmFacts } from './openai-media/film-facts.ts';
export { joinFilms } from './procedural/films/film-container.ts';
