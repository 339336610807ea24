import { englishAmount, englishCardinal } from './english-numbers.ts';
import {
  AMOUNT,
  anyOf,
  BLANK,
  patternRule,
  TOKEN_END,
  type RuleMatch,
  type SpeechRule,
} from './speech-rule.ts';

/** A currency's names: one, several; and where it has one, its hundredth. */
interface Currency {
  readonly one: string;
  readonly many: string;
  readonly cent?: string;
  readonly cents?: string;
}

const CENT = { cent: 'cent', cents: 'cents' };

function withCents(one: string): Currency {
  return { one, many: `${one}s`, ...CENT };
}

const BY_SIGN = new Map<string, Currency>([
  ['$', withCents('dollar')],
  ['£', { one: 'pound', many: 'pounds', cent: 'penny', cents: 'pence' }],
  ['€', withCents('euro')],
  ['¥', { one: 'yen', many: 'yen' }],
  ['₹', { one: 'rupee', many: 'rupees', cent: 'paisa', cents: 'paise' }],
  ['₩', { one: 'won', many: 'won' }],
  ['₽', { one: 'ruble', many: 'rubles', cent: 'kopeck', cents: 'kopecks' }],
  ['₺', { one: 'lira', many: 'lira', cent: 'kurus', cents: 'kurus' }],
  ['₴', { one: 'hryvnia', many: 'hryvnias' }],
  ['₪', { one: 'shekel', many: 'shekels' }],
  ['₿', { one: 'bitcoin', many: 'bitcoins' }],
  ['US$', withCents('US dollar')],
  ['A$', withCents('Australian dollar')],
  ['AU$', withCents('Australian dollar')],
  ['C$', withCents('Canadian dollar')],
  ['CA$', withCents('Canadian dollar')],
  ['NZ$', withCents('New Zealand dollar')],
  ['HK$', withCents('Hong Kong dollar')],
  ['S$', withCents('Singapore dollar')],
  ['MX$', { one: 'Mexican peso', many: 'Mexican pesos' }],
  ['R$', { one: 'real', many: 'reais' }],
]);

const BY_CODE = new Map<string, Currency>([
  ['USD', withCents('US dollar')],
  ['EUR', withCents('euro')],
  ['GBP', { one: 'British pound', many: 'British pounds', cent: 'penny', cents: 'pence' }],
  ['JPY', { one: 'yen', many: 'yen' }],
  ['CNY', { one: 'yuan', many: 'yuan' }],
  ['CHF', { one: 'Swiss franc', many: 'Swiss francs' }],
  ['CAD', withCents('Canadian dollar')],
  ['AUD', withCents('Australian dollar')],
  ['INR', { one: 'rupee', many: 'rupees', cent: 'paisa', cents: 'paise' }],
  ['SEK', { one: 'Swedish krona', many: 'Swedish kronor' }],
  ['NOK', { one: 'Norwegian krone', many: 'Norwegian kroner' }],
  ['DKK', { one: 'Danish krone', many: 'Danish kroner' }],
  ['PLN', { one: 'zloty', many: 'zloty' }],
]);

const MAGNITUDES = new Map([
  ['k', 'thousand'],
  ['m', 'million'],
  ['mn', 'million'],
  ['b', 'billion'],
  ['bn', 'billion'],
  ['t', 'trillion'],
  ['tn', 'trillion'],
]);

const SIGN = `(?<sign>${anyOf(BY_SIGN.keys())})`;
const CODE = `(?<code>${anyOf(BY_CODE.keys())})`;
const MAGNITUDE = `(?:${BLANK}?(?<magnitude>thousand|million|billion|trillion|bn|mn|tn|[kKmMbBtT]))?`;
const MONEY_AMOUNT = `(?<amount>${AMOUNT})(?!\\.\\d)`;

/** Money that begins with its sign or code, or with a minus: `$5.30`, `-£3`, `US$1.2m`, `EUR 5`, `$10-20`. */
export const MONEY_FROM_SIGNS: readonly SpeechRule[] = [
  patternRule(
    `(?<minus>[-−])?${SIGN}${BLANK}?${MONEY_AMOUNT}(?:[-–—](?:\\k<sign>)?(?<upto>${AMOUNT}))?${MAGNITUDE}${TOKEN_END}`,
    sayMoney,
  ),
  patternRule(`${CODE}${BLANK}?${MONEY_AMOUNT}${MAGNITUDE}${TOKEN_END}`, sayMoney),
];

/** Money that begins with the amount: `5 €`, `5.30 USD`, `5 million €`. */
export const MONEY_FROM_FIGURES: readonly SpeechRule[] = [
  patternRule(
    `${MONEY_AMOUNT}${MAGNITUDE}${BLANK}?(?:${SIGN}(?![\\p{L}\\p{N}])|${CODE}${TOKEN_END})`,
    sayMoney,
  ),
  patternRule(
    `(?<amount>\\d+)${BLANK}?¢`,
    (match) => `${englishAmount(match.group('amount'))} ${match.group('amount') === '1' ? 'cent' : 'cents'}`,
  ),
];

function sayMoney(match: RuleMatch): string | undefined {
  const currency = BY_SIGN.get(match.group('sign')) ?? BY_CODE.get(match.group('code'));
  if (!currency) return undefined;
  if (match.group('minus') === '') return sayAmount(match, currency);
  // Behind a letter or figure it is a hyphen: `pre-$5`.
  if (/[\p{L}\p{N}]/u.test(match.text.charAt(match.start - 1))) return undefined;
  return `minus ${sayAmount(match, currency)}`;
}

function sayAmount(match: RuleMatch, currency: Currency): string {
  const amount = match.group('amount');
  const upTo = match.group('upto');
  const magnitude = match.group('magnitude');
  if (upTo !== '') {
    const words = [englishAmount(amount), 'to', englishAmount(upTo), magnitudeWord(magnitude), currency.many];
    return words.filter(Boolean).join(' ');
  }
  if (magnitude !== '') return `${englishAmount(amount)} ${magnitudeWord(magnitude)} ${currency.many}`;
  return sayCoins(amount, currency);
}

function magnitudeWord(magnitude: string): string {
  return MAGNITUDES.get(magnitude.toLowerCase()) ?? magnitude;
}

function sayCoins(amount: string, currency: Currency): string {
  const [whole = '', decimals = ''] = amount.replaceAll(',', '').split('.');
  const notes = `${englishAmount(whole)} ${whole === '1' ? currency.one : currency.many}`;
  if (decimals === '' || decimals === '00') return notes;
  const { cent, cents } = currency;
  if (decimals.length !== 2 || cent === undefined || cents === undefined)
    return `${englishAmount(amount)} ${currency.many}`;
  const coins = `${englishCardinal(decimals)} ${decimals === '01' ? cent : cents}`;
  return Number(whole) === 0 ? coins : `${notes} and ${coins}`;
}
