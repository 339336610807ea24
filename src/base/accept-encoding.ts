/** Whether the caller names gzip, or else anything, and does not weigh it with nothing (RFC 9110, section 12.5.3). */
export function unpacksGzip(accepted: string | string[] | undefined): boolean {
  const weights = new Map<string, number>();
  for (const one of String(accepted ?? '').split(',')) {
    const [name = '', ...parameters] = one.split(';').map((word) => word.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number(weight ?? 1));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
