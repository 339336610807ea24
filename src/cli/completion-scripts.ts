/** A command as a shell completes it. */
export interface CompletedCommand {
  /** What leads to it, without the name of the program. */
  readonly words: readonly string[];
  readonly description: string;
  readonly below: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  readonly takesFiles: boolean;
}

interface CompletedOption {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly isFile: boolean;
}

/** Where it is, joined: commands have no hyphens or colons in their names. */
function pathOf({ words }: CompletedCommand): string {
  return words.join(':');
}

/** Bash 3 and later, without the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.flatMap((command) => [
    `    '${pathOf(command)}')`,
    `      below='${command.below.map(({ name }) => name).join(' ')}'`,
    `      options='${command.options.flatMap(({ long, short }) => [long, short ?? []].flat()).join(' ')}'`,
    `      files='${spellings(command.options.filter(({ isFile }) => isFile)).join(' ')}'`,
    `      values='${spellings(command.options.filter(({ takesValue }) => takesValue)).join(' ')}'`,
    `      paths=${command.takesFiles ? 1 : 0} ;;`,
  ]);
  return `# bash completion of antiphon; load it with: source <(antiphon completion bash)
_antiphon_words() {
  below= options= files= values= paths=0
  case "$1" in
${cases.join('\n')}
    *) return 1 ;;
  esac
}

_antiphon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local place= below options files values paths word index
  _antiphon_words "$place"
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case " $below " in
      *" $word "*) place="\${place:+$place:}$word"; _antiphon_words "$place" ;;
    esac
  done
  COMPREPLY=()
  case " $files " in *" $before "*) compopt -o default 2>/dev/null; return ;; esac
  case " $values " in *" $before "*) return ;; esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *)
      COMPREPLY=($(compgen -W "$below" -- "$current"))
      if [ "$paths" = 1 ]; then compopt -o default 2>/dev/null; fi ;;
  esac
}

complete -F _antiphon antiphon
`;
}

function spellings(options: readonly CompletedOption[]): readonly string[] {
  return options.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short]));
}

/** Zsh, with descriptions. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map((command) => {
    const below = command.below.map(({ name, description }) => `        ${quoted(`${name}:${description}`)}`);
    const specs = command.options.map((option) => `        ${quoted(zshOption(option))}`);
    return [
      `    '${pathOf(command)}')`,
      `      below=(`,
      ...below,
      `      )`,
      `      specs=(`,
      ...specs,
      `      )`,
      `      paths=${command.takesFiles ? 1 : 0} ;;`,
    ].join('\n');
  });
  return `#compdef antiphon
# zsh completion of antiphon; load it with: source <(antiphon completion zsh)
_antiphon_words() {
  below=() specs=() paths=0
  case "$1" in
${cases.join('\n')}
    *) return 1 ;;
  esac
}

_antiphon() {
  local place= word index paths
  local -a below specs names
  _antiphon_words "$place"
  for ((index = 2; index < CURRENT; index++)); do
    word="\${words[index]}"
    names=("\${(@)below%%:*}")
    if (( \${names[(Ie)$word]} )); then place="\${place:+$place:}$word"; _antiphon_words "$place"; fi
  done
  if [[ "\${words[CURRENT]}" != -* ]] && (( \${#below} )); then
    _describe command below
    return
  fi
  if (( paths )); then specs+=('*:file:_files'); else specs+=('*: :'); fi
  _arguments -s "\${specs[@]}"
}

compdef _antiphon antiphon
`;
}

function zshOption({ long, description, takesValue, isFile }: CompletedOption): string {
  const text = description.replaceAll(/[[\]:\\]/g, '\\$&');
  if (!takesValue) return `${long}[${text}]`;
  return `${long}[${text}]:value:${isFile ? '_files' : ' '}`;
}

/** Fish, with descriptions. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const here = `-n "__antiphon_at '${command.words.join(' ')}'"`;
    const below = command.below.map(
      ({ name, description }) =>
        `complete -c antiphon ${here} -f -a ${quoted(name)} -d ${quoted(description)}`,
    );
    const options = command.options.map((option) => `complete -c antiphon ${here} ${fishOption(option)}`);
    return [...below, ...options];
  });
  const names = commands.flatMap(({ words }) => (words.length > 0 ? [quoted(words.join(' '))] : []));
  return `# fish completion of antiphon; load it with: antiphon completion fish | source
function __antiphon_at
  set -l known ${names.join(' ')}
  set -l place
  for word in (commandline -opc)[2..-1]
    set -l further (string join ' ' -- $place $word)
    if contains -- "$further" $known
      set place $place $word
    end
  end
  test (string join ' ' -- $place) = "$argv[1]"
end

${lines.join('\n')}
`;
}

function fishOption({ long, short, description, takesValue, isFile }: CompletedOption): string {
  const value = isFile ? ' -r -F' : takesValue ? ' -x' : '';
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
  return `-l ${long.slice(2)}${letter}${value} -d ${quoted(description)}`;
}

/** A word between single quotes, as all three shells read it when it has none in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
