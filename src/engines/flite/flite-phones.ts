import { arpabetToIpa, ipaToArpabet } from '../../media/text/arpabet.ts';
import { fitIpa, plainIpa } from '../../media/text/ipa-sounds.ts';

/** A pronunciation as flite's lexicon writes it. */
export interface FlitePhones {
  /** Such as `t ax0 m aa1 t ow0`; undefined where nothing of it is a sound. */
  readonly phones: string | undefined;
  /** Sounds that English has not, and what took their places. */
  readonly changes: readonly { readonly from: string; readonly to: string }[];
}

const PHONES =
  'AA AE AH AH0 AO AW AY B CH D DH EH ER ER0 EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH';

/** Every sound of English in IPA, as `fitIpa` wants them. */
const SOUNDS: ReadonlySet<string> = new Set(
  PHONES.split(' ').flatMap((phone) => plainIpa(arpabetToIpa(phone) ?? '') || []),
);

/** What the phones of a lexicon entry are called where flite and the dictionary differ. */
const OWN_NAMES: Readonly<Record<string, string>> = { ah0: 'ax0' };

/** IPA in flite's phones, with the nearest English sound for every other. */
export function toFlitePhones(ipa: string): FlitePhones {
  const direct = ipaToArpabet(ipa);
  if (direct !== undefined) return { phones: spelled(direct), changes: [] };
  const { parts, changes } = fitIpa(ipa, SOUNDS);
  const english = parts.map((part) => {
    if (part.kind === 'sound') return part.sound;
    if (part.kind === 'break') return ' ';
    return part.level === 1 ? 'ˈ' : 'ˌ';
  });
  const phones = ipaToArpabet(english.join(''));
  return { phones: phones === undefined ? undefined : spelled(phones), changes };
}

/** Flite knows one stress only. */
function spelled(arpabet: string): string {
  return arpabet
    .toLowerCase()
    .replaceAll('2', '1')
    .split(' ')
    .map((phone) => OWN_NAMES[phone] ?? phone)
    .join(' ');
}
