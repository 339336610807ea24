/** How many characters a text has as people count them, without making a list of them. */
export function countCodePoints(text: string): number {
  let pairs = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (isSurrogatePair(text, index)) {
      pairs += 1;
      index += 1;
    }
  }
  return text.length - pairs;
}

function isSurrogatePair(text: string, index: number): boolean {
  const first = text.charCodeAt(index);
  if (first < 0xd800 || first > 0xdbff) return false;
  const second = text.charCodeAt(index + 1);
  return second >= 0xdc00 && second <= 0xdfff;
}
