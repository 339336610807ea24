export type TimeOfDay = 'dawn' | 'day' | 'sunset' | 'dusk' | 'night';
export type Season = 'spring' | 'summer' | 'autumn' | 'winter';
export type Weather = 'clear' | 'cloudy' | 'rain' | 'storm' | 'snow' | 'fog';
export type Mood = 'calm' | 'happy' | 'sad' | 'dramatic' | 'mysterious' | 'dreamy' | 'scary' | 'cosy';

/** The kinds of picture that can be composed. */
export const SCENES = [
  'landscape',
  'mountains',
  'forest',
  'desert',
  'sea',
  'river',
  'city',
  'street',
  'space',
  'underwater',
  'room',
  'table',
  'portrait',
  'abstract',
  'geometric',
  'pattern',
  'gradient',
  'emblem',
] as const;

export type SceneKind = (typeof SCENES)[number];

/** Where something stands by itself. */
export type Place = 'ground' | 'water' | 'sky' | 'depths' | 'table';

export const STYLES = [
  'minimal',
  'watercolour',
  'pixel',
  'line',
  'poster',
  'oil',
  'photo',
  'vintage',
  'monochrome',
] as const;

export type Style = (typeof STYLES)[number];

type Words<Meaning extends string> = Readonly<Record<Meaning, RegExp>>;

/** What a word says about the kind of picture. The first that matches is taken. */
export const SCENE_WORDS: Words<SceneKind> = {
  emblem: /\b(logo|icon|emblem|badge|symbol|pictogram|app icon)s?\b/,
  pattern: /\b(patterns?|tiles?|tiling|wallpaper|texture|seamless|mosaic|tessellation)\b/,
  gradient: /\b(gradients?|colou?r (wash|blend|transition)|bokeh|blurry background)\b/,
  geometric: /\b(geometric|geometry|bauhaus|cubist|cubism|triangles|squares|circles|shapes|suprematis[mt])\b/,
  portrait: /\b(portraits?|face|headshot|bust of|self-portrait)\b/,
  abstract: /\b(abstract|abstraction|swirls?|swirling|fractal|psychedelic|flowing lines|waves of colou?r)\b/,
  underwater: /\b(underwater|under the sea|coral reefs?|reef|ocean floor|sea ?bed|aquarium|deep sea)\b/,
  space:
    /\b(outer space|space|galax(?:y|ies)|nebulae?|planets?|cosmos|cosmic|universe|milky way|astronauts?|saturn|mars|jupiter)\b/,
  table: /\b(still[- ]life|on (?:a|the) (?:wooden |kitchen )?table|tabletop|fruit bowl|bowl of fruit)\b/,
  room: /\b(rooms?|interiors?|bedroom|living room|kitchen|office|indoors?|library|studio apartment|caf[eé])\b/,
  street: /\b(streets?|roads?|highway|motorway|alley|avenue|crossroads)\b/,
  city: /\b(city|cities|cityscape|skylines?|skyscrapers?|downtown|metropolis|urban|towers|town|manhattan|new york|tokyo)\b/,
  desert: /\b(deserts?|dunes?|sahara|oasis|sandy waste|pyramids?)\b/,
  river: /\b(lakes?|rivers?|ponds?|streams?|fjords?|waterfalls?)\b/,
  sea: /\b(seas?|oceans?|beach(?:es)?|coasts?|shores?|seaside|harbou?rs?|waves|bays?|islands?|lagoon|cliffs?)\b/,
  mountains: /\b(mountains?|mountainous|peaks?|alps|alpine|himalayas?|summits?|volcano(?:e?s)?|rockies)\b/,
  forest: /\b(forests?|woods?|woodlands?|jungle|rain ?forest|grove|taiga)\b/,
  landscape:
    /\b(landscapes?|hills?|meadows?|fields?|countryside|valleys?|plains?|farm|pastures?|garden|park|prairie|vineyards?|villages?|nature)\b/,
};

export const TIME_WORDS: Words<TimeOfDay> = {
  sunset: /\b(sunsets?|golden hour|evening sun|setting sun|evening)\b/,
  dawn: /\b(dawn|sunrise|daybreak|early morning|morning|rising sun)\b/,
  dusk: /\b(dusk|twilight|blue hour|nightfall|gloaming)\b/,
  night: /\b(night|nights|nighttime|midnight|moonlit|moonlight|starry|starlit|nocturnal|by moon|at night)\b/,
  day: /\b(daytime|noon|midday|by day|sunny|daylight|afternoon|blue sky)\b/,
};

export const SEASON_WORDS: Words<Season> = {
  autumn: /\b(autumn|autumnal|fall colou?rs|fall foliage|october|november|in (?:the )?fall)\b/,
  winter: /\b(winter|wintry|snowy|snow-covered|icy|frozen|frosty|december|january|christmas)\b/,
  spring: /\b(spring|springtime|blossoms?|april|may morning)\b/,
  summer: /\b(summer|summery|july|august)\b/,
};

export const WEATHER_WORDS: Words<Weather> = {
  storm: /\b(storms?|stormy|thunder|thunderstorm|lightning|tempest)\b/,
  snow: /\b(snow|snowing|snowfall|snowflakes?|blizzard|snowstorm|falling snow)\b/,
  rain: /\b(rain|rainy|raining|drizzle|downpour|showers?)\b/,
  fog: /\b(fog|foggy|mist|misty|haze|hazy)\b/,
  cloudy: /\b(clouds?|cloudy|overcast)\b/,
  clear: /\b(clear sky|cloudless|clear)\b/,
};

export const MOOD_WORDS: Words<Mood> = {
  scary: /\b(scary|horror|spooky|haunted|creepy|terrifying|sinister|eerie|halloween)\b/,
  mysterious: /\b(mysterious|mystic|mystical|enigmatic|magical|enchanted)\b/,
  dreamy: /\b(dreamy|dreamlike|romantic|pastel|fairy[- ]?tale|whimsical|surreal|soft|vaporwave)\b/,
  sad: /\b(sad|melancholic|melancholy|gloomy|lonely|bleak|depressing|sombre|somber|dreary)\b/,
  dramatic: /\b(dramatic|epic|intense|powerful|fiery|apocalyptic|cinematic|moody)\b/,
  happy: /\b(happy|cheerful|joyful|bright|vibrant|playful|colou?rful|lively|vivid|festive)\b/,
  cosy: /\b(cosy|cozy|warm|homely|inviting)\b/,
  calm: /\b(calm|peaceful|serene|tranquil|quiet|zen|relaxing|gentle|still)\b/,
};

export const STYLE_WORDS: Words<Style> = {
  pixel: /\b(pixel[- ]?art|8-bit|16-bit|pixelated|retro game)\b/,
  line: /\b(line[- ](?:drawing|art)|ink drawing|pencil|sketch|outline|etching|colou?ring (?:book|page))\b/,
  watercolour: /\b(water ?colou?rs?|aquarelle|gouache)\b/,
  oil: /\b(oil paint(?:ing)?|impressionis[mt]|impressionistic|painterly|van gogh|monet|brush ?strokes?)\b/,
  poster:
    /\b(posters?|flat design|screen print|vector art|travel poster|flat illustration|linocut|pop art)\b/,
  minimal: /\b(minimal|minimalist|minimalistic|minimalism|simple|clean)\b/,
  photo:
    /\b(photo|photos|photograph|photographs|photographic|photography|photo-?realistic|realistic|hyper-?realistic|dslr|35mm|4k|8k|raw photo)\b/,
  vintage: /\b(vintage|retro|old photograph|sepia|nostalgic|aged)\b/,
  monochrome: /\b(black[- ]and[- ]white|monochrome|gr[ae]yscale|b&w|noir)\b/,
};

/** Things in the sky and the air that a scene draws by itself. */
export const SKY_WORDS = {
  sun: /\b(sun|suns|sunny|sunlight|sunshine)\b/,
  moon: /\b(moon|moons|moonlit|moonlight|crescent)\b/,
  stars: /\b(stars?|starry|starlit|constellations?)\b/,
  clouds: /\b(clouds?|cloudy)\b/,
  rainbow: /\b(rainbows?)\b/,
  aurora: /\b(aurora|northern lights|polar lights)\b/,
  lightning: /\b(lightning|thunderstorm|thunderbolt)\b/,
  fireworks: /\b(fireworks?)\b/,
} as const;

export type SkyThing = keyof typeof SKY_WORDS;

/** Names of colours, as people mean them. */
export const COLOUR_WORDS: Readonly<Record<string, string>> = {
  red: '#d62839',
  crimson: '#b3123a',
  scarlet: '#e0281f',
  maroon: '#7a1f2b',
  orange: '#f2801f',
  amber: '#f5a623',
  gold: '#d9a520',
  golden: '#e0ad2c',
  yellow: '#f7d02c',
  lime: '#9bd12c',
  green: '#2f9e44',
  emerald: '#149e6a',
  olive: '#7c8a2e',
  mint: '#8fdcb8',
  teal: '#14808a',
  turquoise: '#2fc4c0',
  cyan: '#22b8d6',
  aqua: '#3cc5d1',
  blue: '#2466d1',
  azure: '#2f8cf0',
  navy: '#16295c',
  indigo: '#3d2fa3',
  violet: '#7d3fd1',
  purple: '#8033b5',
  lavender: '#b6a3e6',
  magenta: '#d12aa0',
  pink: '#f078a8',
  brown: '#7d4f2e',
  beige: '#e3d2b0',
  cream: '#f7ecd2',
  white: '#f7f7f5',
  silver: '#c0c6cf',
  grey: '#8a9097',
  gray: '#8a9097',
  black: '#1c1d24',
};
