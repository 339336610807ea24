/** What n-gram statistics say: a language and how sure they are, 0 to 1. */
export interface LanguageGuess {
  /** ISO 639-1. */
  readonly language: string;
  readonly accuracy: number;
}

/** English words that are rare in other languages. */
const ENGLISH_WORDS = wordSet(`
  the of and to is that it you for was with they be this have from had by not what were when your said there
  an each which she how their if will other about out many then them these would like has look two more see
  could people than been who its now down did get made may i i'm i've i'll i'd don't can't won't isn't it's that's you're we're
  his her him he my our us we are can do does at on as but or all so up no just here why where please hello thanks thank
  good new one first into over after before because very should my me
`);

/** The most common words of other languages of Latin script; words that English shares are left out. */
const COMMON_WORDS: readonly (readonly [language: string, words: ReadonlySet<string>])[] = [
  [
    'de',
    wordSet(`der die das und ist nicht ich du er sie es wir ihr ein eine einen einem einer den dem des zu mit auf für von im am bei aus nach
    wie auch sich dass aber oder wenn noch nur schon sehr haben habe hast sind bin bist kann wird werden wurde mein dein sein ihre unser heute
    morgen hier dort wo warum weil über unter zwischen kein keine gibt mir dir uns euch alle beim zum zur vom ja nein bitte danke guten`),
  ],
  [
    'fr',
    wordSet(`le la les des du un une et est pas je tu il elle nous vous ils elles que qui dans pour sur avec ce cette ces mon ma mes son sa ses
    au aux ne se en plus mais ou où par été être avoir sont ont suis avez avons fait très bien aussi comme tout tous leur leurs c'est j'ai d'un d'une
    l'on qu'il n'est quand aujourd'hui merci bonjour oui de chez sans peut votre notre`),
  ],
  [
    'es',
    wordSet(`el la los las un una unos unas y es no que de del en por para con su sus se lo le como más pero este esta esto ese esa yo tú
    ella nosotros ellos muy bien está están estoy soy son ser hay tiene tengo hoy mañana cuando donde porque también mi mis al hola gracias
    qué cómo dónde sí ya todo todos fue ha he hasta desde sobre entre nos quiero puede cada otra otro`),
  ],
  [
    'it',
    wordSet(`il lo la gli le un uno una di del della dei delle degli che è e non per con su sul sulla nel nella da dal dalla alla al ai sono
    ho hai ha abbiamo siamo anche più ma come questo questa quello quella mio mia tuo suo molto bene oggi domani quando dove perché io tu lui lei
    noi voi loro mi ti si ci se ciao grazie essere fare ogni tutti tutto sempre c'è l'ho`),
  ],
  [
    'pt',
    wordSet(`o os as um uma uns umas de do da dos das em no na nos nas que não é e para por com se ao à como mais mas este esta isso eu tu você
    ele ela nós eles elas muito bem está estão estou sou são ser tem tenho hoje amanhã quando onde porque também meu minha seu sua pelo pela
    já foi há até sobre entre olá obrigado obrigada sim todos tudo cada pode`),
  ],
  [
    'nl',
    wordSet(`de het een en van niet ik je jij hij zij ze wij is dat die dit deze te op voor met aan er maar om ook als bij nog naar uit dan
    zijn heb heeft hebben ben bent kan wordt worden was mijn jouw haar ons onze hun vandaag morgen hier waar waarom omdat over geen wel zeer
    veel goed goede graag dank alle door tot moet zal zo deur huis mensen`),
  ],
  [
    'pl',
    wordSet(`i w z na do nie się jest to że jak ale po co tak za od przez dla czy są był była było być ja ty on ona my wy oni mój moja twój jego
    jej ich ten ta te tego tej bardzo dobrze dzisiaj dziś jutro kiedy gdzie dlaczego ponieważ także tylko już jeszcze mam ma masz może będzie
    dzień dobry dziękuję proszę wszystko o u ze we przed pod nad`),
  ],
  [
    'sv',
    wordSet(`och att det är som en ett på av för med till den har inte om jag du han hon vi de var kan men så från eller när hur vad här där
    mycket bra idag mig dig sig min din skulle ska vill hej tack alla också`),
  ],
  [
    'no',
    wordSet(`og å det er som en et på av til med for den har ikke jeg du han hun vi de var kan men så fra eller når hvordan hva her der
    veldig bra dag meg deg seg min din skal vil hei takk alle også`),
  ],
  [
    'da',
    wordSet(`og at det er som en et på af til med for den har ikke jeg du han hun vi de var kan men så fra eller når hvordan hvad her der
    meget godt dag mig dig sig min din skal vil hej tak alle også af blev`),
  ],
  [
    'fi',
    wordSet(
      `ja on ei se että hän oli olen olet mutta kun niin kuin tämä joka mitä minä sinä me he ovat myös vain jos tänään hyvää kiitos missä`,
    ),
  ],
  [
    'tr',
    wordSet(
      `ve bir bu da de için ile çok ne var yok ben sen biz siz onlar değil gibi daha ama ki mi mı olarak bugün nasıl teşekkür evet hayır`,
    ),
  ],
  [
    'ro',
    wordSet(
      `și în de la cu nu este un o pe că ce mai din pentru sunt am ai are care dar acest această foarte bine azi mâine când unde eu el ea noi`,
    ),
  ],
  [
    'hu',
    wordSet(
      `a az és hogy nem is egy van volt ez de meg már csak még vagy én te ő mi ti ők nagyon jó ma holnap hol miért köszönöm`,
    ),
  ],
  [
    'cs',
    wordSet(
      `a je se na v že to s z do ale jako by jsem jsi jsou byl byla tak pro když kde proč také jen už ještě velmi dobrý den děkuji`,
    ),
  ],
  [
    'id',
    wordSet(
      `yang dan di ini itu dengan untuk tidak ada dari akan pada saya kamu dia kami mereka adalah sudah bisa juga ke apa hari terima kasih`,
    ),
  ],
];

/** Letters and marks that hardly any other language has. One such word may be a name; it counts as one word. */
const TELLING_LETTERS: readonly (readonly [pattern: RegExp, language: string])[] = [
  [/[¿¡ñ]/iu, 'es'],
  [/ß/iu, 'de'],
  [/[ãõ]/iu, 'pt'],
  [/[łąęśźż]/iu, 'pl'],
  [/[řěů]/iu, 'cs'],
  [/[őű]/iu, 'hu'],
  [/[ğışİ]/u, 'tr'],
  [/[țș]/iu, 'ro'],
  [/[ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/iu, 'vi'],
];

/** Languages the n-gram profiles know nothing of, so that they name a relative instead. */
const WITHOUT_NGRAMS = new Set(['da', 'cs', 'id', 'vi']);
const FEWEST_WORDS = 4;
const CLEAR_LEAD = 1.5;

/**
 * The language of a text of Latin script. English unless common words of another language clearly outnumber
 * the English ones and n-grams or letters agree; four words are the least that can say so.
 */
export function detectLatinLanguage(
  text: string,
  guess: (text: string) => LanguageGuess | undefined,
): { language: string; certain: boolean } {
  const words =
    text
      .toLowerCase()
      .match(/[\p{L}\p{M}¿¡]+(?:['’][\p{L}\p{M}]+)*/gu)
      ?.map((word) => word.replaceAll('’', "'")) ?? [];
  const english = words.filter((word) => ENGLISH_WORDS.has(word.replace(/^[¿¡]+/u, ''))).length;
  const englishAnswer = { language: 'en', certain: english >= 3 && english * 5 >= words.length };
  if (words.length < FEWEST_WORDS) return englishAnswer;
  // English text of any length mentions foreign things; a fifth of its words being common English settles it.
  const rivals = rivalScores(words);
  const best = [...rivals].reduce((top, one) => (one[1] > top[1] ? one : top), ['en', 0]);
  if (best[1] < 2 && english > 0) return englishAnswer;
  const ngrams = guess(text);
  const candidate = choose(rivals, best, ngrams);
  const score = rivals.get(candidate) ?? 0;
  if (!isEvident({ candidate, score, english, words: words.length, ngrams })) return englishAnswer;
  return { language: candidate, certain: score >= 4 && score >= english * 3 && words.length >= 6 };
}

interface Evidence {
  readonly candidate: string;
  readonly score: number;
  readonly english: number;
  readonly words: number;
  readonly ngrams: LanguageGuess | undefined;
}

function isEvident(evidence: Evidence): boolean {
  const { candidate, score, english, words, ngrams } = evidence;
  if (candidate === 'en') return false;
  const agreed = ngrams?.language === candidate;
  const enough = score >= 2 && score > english * CLEAR_LEAD && score * 8 >= words;
  if (enough && (agreed || score >= 4)) return true;
  // Without a list of common words, or where none occurred, statistics alone must be very sure of a whole sentence.
  return agreed && english === 0 && words >= 6 && ngrams.accuracy >= 0.5;
}

/** Near relatives share most common words; among those that score alike, n-grams decide. */
function choose(
  rivals: ReadonlyMap<string, number>,
  best: readonly [string, number],
  ngrams: LanguageGuess | undefined,
): string {
  if (!ngrams) return best[0];
  if (WITHOUT_NGRAMS.has(best[0]) && best[1] > (rivals.get(ngrams.language) ?? 0)) return best[0];
  const seconded = rivals.get(ngrams.language) ?? 0;
  if (best[1] === 0 || seconded * 1.25 >= best[1]) return ngrams.language;
  return best[0];
}

function rivalScores(words: readonly string[]): Map<string, number> {
  const scores = new Map<string, number>();
  const add = (language: string, points: number) =>
    scores.set(language, (scores.get(language) ?? 0) + points);
  for (const [language, common] of COMMON_WORDS) {
    const found = words.filter((word) => common.has(word.replace(/^[¿¡]+/u, '')));
    // The same word over and over is one piece of evidence and a little.
    add(language, Math.min(found.length, new Set(found).size * 2));
  }
  for (const [pattern, language] of TELLING_LETTERS) {
    const telling = new Set(words.filter((word) => pattern.test(word))).size;
    if (telling > 0) add(language, telling);
  }
  return scores;
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/u));
}
