/** The pages that speak, listen and sound, one after the other in one browser: starting it takes longer than most tests. */
import './compare.page.ts';
import './listen.page.ts';
import './sounds.page.ts';
import './speak.page.ts';
import './voices.page.ts';
