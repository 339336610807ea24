/** The names of a unit: one, several. */
export interface UnitNames {
  readonly one: string;
  readonly many: string;
}

/** Symbol, singular, and the plural where it is not the singular with an s. */
const TABLE: readonly (readonly [symbols: string, one: string, many?: string])[] = [
  ['km', 'kilometer'],
  ['m', 'meter'],
  ['cm', 'centimeter'],
  ['mm', 'millimeter'],
  ['µm μm', 'micrometer'],
  ['nm', 'nanometer'],
  ['mi', 'mile'],
  ['ft', 'foot', 'feet'],
  ['in', 'inch', 'inches'],
  ['yd', 'yard'],
  ['km² km2 sqkm', 'square kilometer'],
  ['m² m2 sqm', 'square meter'],
  ['cm² cm2', 'square centimeter'],
  ['ft² ft2 sqft', 'square foot', 'square feet'],
  ['m³ m3', 'cubic meter'],
  ['cm³ cm3', 'cubic centimeter'],
  ['ha', 'hectare'],
  ['kg', 'kilogram'],
  ['g', 'gram'],
  ['mg', 'milligram'],
  ['µg μg mcg', 'microgram'],
  ['lb lbs', 'pound'],
  ['oz', 'ounce'],
  ['l L', 'liter'],
  ['ml mL', 'milliliter'],
  ['cl cL', 'centiliter'],
  ['dl dL', 'deciliter'],
  ['gal', 'gallon'],
  ['km/h kmh kph', 'kilometer per hour', 'kilometers per hour'],
  ['mph', 'mile per hour', 'miles per hour'],
  ['m/s', 'meter per second', 'meters per second'],
  ['m/s² m/s2', 'meter per second squared', 'meters per second squared'],
  ['°C ℃', 'degree Celsius', 'degrees Celsius'],
  ['°F ℉', 'degree Fahrenheit', 'degrees Fahrenheit'],
  ['°', 'degree'],
  ['Hz', 'hertz', 'hertz'],
  ['kHz', 'kilohertz', 'kilohertz'],
  ['MHz', 'megahertz', 'megahertz'],
  ['GHz', 'gigahertz', 'gigahertz'],
  ['kB KB', 'kilobyte'],
  ['MB', 'megabyte'],
  ['GB', 'gigabyte'],
  ['TB', 'terabyte'],
  ['PB', 'petabyte'],
  ['KiB', 'kibibyte'],
  ['MiB', 'mebibyte'],
  ['GiB', 'gibibyte'],
  ['kbps kbit/s', 'kilobit per second', 'kilobits per second'],
  ['Mbps Mbit/s', 'megabit per second', 'megabits per second'],
  ['Gbps Gbit/s', 'gigabit per second', 'gigabits per second'],
  ['kB/s KB/s', 'kilobyte per second', 'kilobytes per second'],
  ['MB/s', 'megabyte per second', 'megabytes per second'],
  ['GB/s', 'gigabyte per second', 'gigabytes per second'],
  ['V', 'volt'],
  ['mV', 'millivolt'],
  ['kV', 'kilovolt'],
  ['A', 'ampere'],
  ['mA', 'milliampere'],
  ['mAh', 'milliampere hour'],
  ['W', 'watt'],
  ['kW', 'kilowatt'],
  ['MW', 'megawatt'],
  ['GW', 'gigawatt'],
  ['Wh', 'watt hour'],
  ['kWh', 'kilowatt hour'],
  ['J', 'joule'],
  ['kJ', 'kilojoule'],
  ['kcal', 'kilocalorie'],
  ['Pa', 'pascal'],
  ['hPa', 'hectopascal'],
  ['kPa', 'kilopascal'],
  ['psi', 'pound per square inch', 'pounds per square inch'],
  ['dB', 'decibel'],
  ['Ω', 'ohm'],
  ['kΩ', 'kilohm'],
  ['N', 'newton'],
  ['Nm', 'newton meter'],
  ['ms', 'millisecond'],
  ['µs μs', 'microsecond'],
  ['ns', 'nanosecond'],
  ['s sec secs', 'second'],
  ['min mins', 'minute'],
  ['h hr hrs', 'hour'],
  ['px', 'pixel'],
  ['dpi', 'dot per inch', 'dots per inch'],
  ['fps', 'frame per second', 'frames per second'],
  ['rpm', 'revolution per minute', 'revolutions per minute'],
  ['bpm', 'beat per minute', 'beats per minute'],
  ['ppm', 'part per million', 'parts per million'],
  ['%', 'percent', 'percent'],
  ['‰', 'per mille', 'per mille'],
];

/** The units of measurement that English text writes as symbols behind a figure. */
export const UNITS: ReadonlyMap<string, UnitNames> = new Map(
  TABLE.flatMap(([symbols, one, many]) =>
    symbols.split(' ').map((symbol) => [symbol, { one, many: many ?? `${one}s` }] as const),
  ),
);

/** Symbols that are also words, letters of a label, or seat rows: behind a space they count only before punctuation. */
const AMBIGUOUS = new Set(['in', 'A', 'W', 'J', 'N', 's', 'm', 'g', 'h', 'l', 'L', 'ha', 'min', 'mi', 'Pa']);

/** Whether a symbol that a space parts from its figure may be read as a unit, given what follows it. */
export function readsAsUnit(symbol: string, spaced: boolean, following: string): boolean {
  if (!AMBIGUOUS.has(symbol)) return true;
  if (symbol === 'in' || symbol === 'A')
    return (spaced || symbol === 'in') && /^(?:$|[,;:)!?]|\.(?:\s|$))/u.test(following);
  return !spaced || !/^[ \u00a0-][A-Z]/u.test(following);
}
