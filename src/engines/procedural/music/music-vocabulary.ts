import type { Genre, Instrument, Mood, Role } from './music-terms.ts';

/** Words for the kinds of music: each a source of a regular expression that has to match whole words. */
export const GENRE_WORDS: Readonly<Record<Genre, string>> = {
  'lo-fi': 'lo-?\\s?fi(?: hip[ -]?hop| beats?)?|chillhop|study beats?|chill(?:ed)? beats?',
  ambient: 'ambient|ambience|atmospheric|soundscape|drone|new age|meditat\\w+|spa|space music|healing',
  house:
    '(?:deep |tech |progressive |french )?house|edm|dance music|club|future bass|garage|electro(?:nic)? dance',
  techno: 'techno|industrial|minimal(?: electronic)?|electronic|electronica|idm|rave',
  trance: '(?:psy)?trance|uplifting electronic|eurodance',
  synthwave:
    'synth-?wave|retro-?wave|outrun|vapor-?wave|80s(?: synth\\w*)?|eighties|synth-?pop|cyberpunk|new wave',
  'drum and bass': "drum (?:and|&|n|'?n'?) bass|dnb|d&b|jungle|breakbeats?|breakcore|liquid funk",
  dubstep: 'dubstep|brostep|riddim',
  'hip-hop': 'hip[ -]?hop|boom[ -]?bap|rap|old[ -]school beats?|trip[ -]?hop',
  trap: 'trap|drill|phonk',
  chiptune:
    'chip-?tunes?|chip music|(?:8|eight|16|sixteen)[ -]?bit|video ?game|nes|game ?boy|arcade|retro game|platformer',
  pop: '(?:indie |k-?|j-?)?pop|commercial|corporate|jingle|advert\\w*|upbeat background|vlog|ukulele song',
  rock: '(?:hard |indie |alt(?:ernative)? |classic |surf |post-?|garage |prog(?:ressive)? )?rock|grunge|power ballad|shoegaze',
  metal: '(?:heavy |death |black |thrash |doom |nu )?metal|djent|metalcore',
  punk: '(?:pop )?punk|hardcore|ska',
  funk: 'funk|funky|slap',
  disco: 'disco|nu[ -]?disco|boogie',
  soul: 'soul|r ?& ?b|rnb|neo[ -]?soul|gospel|motown',
  blues: 'blues|bluesy|delta|shuffle',
  reggae: 'reggae|ska|dub|dancehall|rocksteady|caribbean|calypso',
  jazz: 'jazz|jazzy|swing|bebop|be-bop|big band|lounge|smooth jazz|noir|ragtime|dixieland',
  'bossa nova': 'bossa(?: nova)?|samba|elevator music|muzak|brazilian',
  latin: 'latin|salsa|tango|flamenco|mambo|cumbia|reggaeton|rumba|cha[ -]cha|mariachi|spanish',
  folk: 'folk|acoustic|singer[ -]songwriter|celtic|irish|campfire|medieval|tavern|fantasy village|sea shanty|nordic|indie folk|world music',
  country: 'country|bluegrass|western|americana|honky[ -]tonk|cowboy',
  orchestral:
    'orchestra(?:l|s)?|symphon\\w+|philharmonic|film score|movie score|score|fantasy|adventure|medley|overture|string quartet|baroque',
  cinematic:
    'cinematic|trailer|epic|blockbuster|hybrid orchestral|battle|boss fight|suspense|thriller|horror|underscore|soundtrack|documentary',
  classical:
    'classical|piano solo|solo piano|piano piece|nocturne|sonata|etude|prelude|chamber|neo-?classical|minuet|romantic era|impressionis\\w+',
  waltz: 'waltz\\w*|vienn\\w+|ballroom',
  lullaby: 'lullab\\w+|cradle song|bedtime|baby|nursery|sleep music',
  march: 'march(?:ing)?|military|parade|fanfare|anthem|marching band|sousa',
  'music box': 'music ?box|carousel|carnival',
};

/** Words for moods. */
export const MOOD_WORDS: Readonly<Record<Mood, string>> = {
  happy:
    'happy|joy\\w*|cheer\\w*|uplift\\w*|bright|sunny|optimis\\w+|positive|feel[ -]?good|celebrat\\w+|triumph\\w*|hopeful|inspir\\w+|upbeat|summer\\w*|heroic|victor\\w+',
  sad: 'sad|sadness|melanchol\\w*|sorrow\\w*|mourn\\w*|tear\\w*|lonel\\w+|heartbr\\w+|gloomy|bittersweet|nostalg\\w+|wistful|somber|sombre|grief|emotional|tragic|rainy',
  tense:
    'tense|tension|suspense\\w*|anxious|nervous|thriller|urgent|chase|horror|scary|creepy|eerie|unsettl\\w+|nightmar\\w+',
  calm: 'calm\\w*|peace\\w*|relax\\w*|sooth\\w*|gentle|gently|quiet|soft|serene|tranquil|chill\\w*|mellow|meditat\\w+|laid[ -]?back|sleepy|cozy|cosy|warm|minimal|sparse',
  epic: 'epic|grand|majestic|powerful|heroic|huge|massive|monumental|glorious|triumphant|soaring|battle',
  dark: 'dark\\w*|ominous|evil|sinister|brooding|gothic|menac\\w+|grim|haunt\\w+|moody|noir|villain\\w*|night',
  dreamy:
    'dream\\w*|ethereal|float\\w*|hazy|spac(?:e|ey|y)|cosmic|celestial|hypnotic|surreal|airy|lush|underwater|starr?y',
  romantic: 'romantic\\w*|love\\w*|tender\\w*|intimate|sensual|passion\\w*|wedding|sentimental',
  energetic:
    'energetic|energy|driving|high[ -]energy|pumping|powerful|intense|lively|vigorous|exciting|party|workout|sport\\w*|danc\\w+|groov\\w+|bouncy|punchy|catchy|hype',
  playful:
    'playful|quirky|funny|comic\\w*|silly|whimsical|cute|cartoon\\w*|mischievous|kids|children\\w*|light-?hearted',
  mysterious:
    'myster\\w+|enigma\\w*|magic\\w*|mystic\\w*|secret\\w*|curious|exotic|oriental|desert|arabi\\w+|egypt\\w*|spooky',
  aggressive: 'aggressive|angry|rage|brutal|heavy|fierce|furious|violent|savage|hard-?hitting',
};

/** Words for instruments. */
export const INSTRUMENT_WORDS: Readonly<Record<Instrument, string>> = {
  'electric piano': 'electric piano|rhodes|wurlitzer|e-?piano|wurli',
  piano: 'pianos?|grand piano|keys|keyboards?|felt piano|upright piano',
  'church organ': 'church organ|pipe organ|cathedral organ',
  organ: 'organs?|hammond|drawbar',
  harpsichord: 'harpsichords?|clavichord|spinet',
  celesta: 'celest[ae]s?',
  'music box': 'music ?box(?:es)?',
  glockenspiel: 'glockenspiels?|glocks?|chimes?|toy piano',
  bells: 'bells?|tubular bells?|church bells?|sleigh bells?|bell[ -]like',
  marimba: 'marimbas?|balafon|mallets?',
  vibraphone: 'vibraphones?|vibes',
  xylophone: 'xylophones?',
  kalimba: 'kalimbas?|mbira|thumb piano',
  'steel drum': 'steel ?(?:drums?|pans?)|hang ?drums?|handpans?',
  'nylon guitar': 'nylon(?:[ -]string)?(?: guitar)?|classical guitar|spanish guitar|flamenco guitar|lute|oud',
  'distorted guitar':
    '(?:distorted|overdriven|heavy|crunchy|fuzz\\w*|metal|power) (?:electric )?guitars?|power chords?|guitar riffs?|distortion',
  'electric guitar':
    '(?:clean )?electric guitars?|clean guitars?|wah(?:[ -]wah)?(?: guitar)?|guitar licks?|guitar solo|jangly guitars?',
  'acoustic guitar':
    '(?:acoustic |steel[ -]string |strummed |fingerpicked )?guitars?|fingerpicking|strumming',
  harp: 'harps?|lyre|koto|kora|zither|guzheng',
  ukulele: 'ukuleles?|uke|mandolins?|bouzouki',
  banjo: 'banjos?',
  sitar: 'sitars?|tanpura',
  pizzicato: 'pizzicato|plucked strings',
  strings: 'strings?|string (?:section|ensemble|quartet)|violas?|orchestra',
  violin: 'violins?|fiddles?|erhu',
  cello: 'cellos?|celli|double bass(?:es)? section|contrabass',
  flute:
    'flutes?|piccolo|pan ?(?:flute|pipes?)|recorder|shakuhachi|ocarina|tin whistle|penny whistle|woodwinds?',
  clarinet: 'clarinets?|bassoons?',
  oboe: 'oboes?|english horn|duduk|bagpipes?',
  saxophone: 'sax(?:ophone)?s?',
  trumpet: 'trumpets?|cornets?|flugelhorns?',
  horn: '(?:french )?horns?',
  brass: 'brass(?: section)?|trombones?|horn section|fanfare',
  whistle: 'whistl(?:e|es|ing)',
  harmonica: 'harmonicas?|blues harp|melodica',
  accordion: 'accordions?|concertina|bandoneon',
  choir: 'choirs?|choral|chorus voices|voices|vocal pads?|aahs?|oohs?|choir pads?|vocals?|singing',
  'dark pad': 'dark pads?|drones?',
  pad: 'pads?|(?:warm |lush |soft |analog(?:ue)? )?(?:synth )pads?|string machine',
  supersaw: 'super-?saws?|saw chords?|hoover',
  'synth pluck': '(?:synth )?plucks?|arps?|arpeggios?|arpeggiat\\w+|sequencer',
  'synth lead':
    '(?:synth|lead|saw|square)[ -]?(?:synth )?leads?|synths?|synthesi[sz]ers?|theremin|moog|keytar',
  'chip triangle': 'triangle wave|chip bass',
  'chip pulse': 'pulse waves?|square waves?|(?:8|eight)-bit (?:leads?|synths?|sounds?)|bleeps?',
  'acid bass': 'acid(?: bass)?|303|tb-?303',
  'wobble bass': 'wobbl\\w+(?: bass)?|growl\\w*(?: bass)?|reese(?: bass)?|bass drops?',
  'sub bass': '(?:sub|808s?|deep|booming)(?:[ -]?bass)|808s?',
  'synth bass': 'synth(?:esi[sz]er)? ?bass(?:line)?|moog bass|electronic bass',
  'upright bass': '(?:upright|acoustic|double|walking|stand-?up) ?bass(?:line)?|contrabass',
  'bass guitar': 'bass guitars?|electric bass|slap bass|fingered bass|picked bass',
  tuba: 'tubas?|sousaphones?|oom-?pah',
};

/** Words for parts of a piece, whoever plays them. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  drums:
    'drums?|drum ?kit|drum machine|percussion|percussive|beats?|kick(?:s| drum)?|snares?|hi-?hats?|hats|cymbals?|toms?|claps?|808 drums|rhythm section|taikos?|timpani|bongos?|congas?|shakers?|tambourines?|brushes|four[ -]on[ -]the[ -]floor',
  bass: 'bass|basslines?|bass lines?|low end',
  chords: 'chords?|comping|harmon(?:y|ies)|accompaniment|rhythm guitar|stabs?',
  pad: 'pads?|backdrop|textures?',
  arpeggio: 'arps?|arpeggios?|arpeggiat\\w+|ostinatos?',
  melody: 'melod(?:y|ies|ic)|leads?|lead line|hooks?|solos?|tune|theme|riffs?',
  counter: 'counter-?melod(?:y|ies)',
};

/** Words for how fast it goes, with what the usual tempo is multiplied by, or the beats per minute that they stand for. */
export const TEMPO_WORDS: readonly {
  readonly words: string;
  readonly factor?: number;
  readonly beatsPerMinute?: number;
}[] = [
  { words: 'larghissimo|grave', beatsPerMinute: 40 },
  { words: 'largo|lento', beatsPerMinute: 52 },
  { words: 'adagio', beatsPerMinute: 68 },
  { words: 'andantino', beatsPerMinute: 88 },
  { words: 'andante', beatsPerMinute: 80 },
  { words: 'moderato', beatsPerMinute: 110 },
  { words: 'allegretto', beatsPerMinute: 116 },
  { words: 'allegro', beatsPerMinute: 134 },
  { words: 'vivace', beatsPerMinute: 160 },
  { words: 'prestissimo', beatsPerMinute: 200 },
  { words: 'presto', beatsPerMinute: 184 },
  { words: '(?:very|extremely|super) slow(?:ly)?', factor: 0.68 },
  { words: '(?:very|extremely|super) fast', factor: 1.35 },
  { words: 'slow(?:ly|er)?|down-?tempo|ballad|sluggish|unhurried|half[ -]time', factor: 0.8 },
  { words: 'mid[ -]?tempo|medium tempo|moderate', factor: 1 },
  {
    words: 'fast(?:er)?|quick(?:ly)?|up-?tempo|rapid|brisk|high[ -]tempo|speedy|racing|frantic',
    factor: 1.2,
  },
];
