/** Something that was asked for and not done as asked, although the request succeeded. `setting` is the caller's spelling. */
export type Warning =
  | { readonly type: 'ignored'; readonly setting: string; readonly reason: string }
  | { readonly type: 'adjusted'; readonly setting: string; readonly from: string; readonly to: string }
  | { readonly type: 'deprecated'; readonly setting: string; readonly instead: string };

/** A warning as one sentence for a person. */
export function describeWarning(warning: Warning): string {
  switch (warning.type) {
    case 'ignored':
      return `${warning.setting} was ignored: ${warning.reason}`;
    case 'adjusted':
      return `${warning.setting} was changed from ${warning.from} to ${warning.to}`;
    case 'deprecated':
      return `${warning.setting} is deprecated; use ${warning.instead}`;
  }
}
