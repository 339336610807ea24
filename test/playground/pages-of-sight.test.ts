/** The frame, and the pages that show pictures, films and lists, one after the other in one browser. */
import './films.page.ts';
import './frame.page.ts';
import './jobs.page.ts';
import './keys.page.ts';
import './models.page.ts';
import './pictures.page.ts';
import './server.page.ts';
import './usage.page.ts';
