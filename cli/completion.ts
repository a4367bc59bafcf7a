/**
 * Scripts that complete `inlet` in a shell. They hold the words themselves: no process is started
 * at a TAB.
 */
import type { Command as Node } from "commander";
import { UsageError } from "./usage-error.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

/**
 * What may follow: by `""`, `"runs"`, `"runs list"`, and `"runs list --status"` for an option of
 * few values.
 */
export type Words = ReadonlyMap<string, readonly string[]>;

export function completionScript(shell: string, program: Node): string {
  const words = wordsAfter(program);
  if (shell === "bash") return bash(words);
  if (shell === "zsh") return zsh(words);
  if (shell === "fish") return fish(words);
  throw new UsageError(`There is no completion for ${shell}. Write one of ${SHELLS.join(", ")}.`);
}

function wordsAfter(program: Node): Words {
  const words = new Map<string, readonly string[]>();
  const visit = (node: Node, path: string) => {
    const children = node
      .createHelp()
      .visibleCommands(node)
      .map((child) => child.name())
      .filter((name) => name !== "help");
    words.set(
      path,
      children.length > 0
        ? children
        : node.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? ""),
    );
    for (const option of node.options) {
      const choices = choicesOf(option.flags, option.description);
      if (choices.length > 0) words.set(`${path} ${option.long}`, choices);
    }
    for (const child of node.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, "");
  words.set("completion", SHELLS);
  return words;
}

/** Options of few values show them in their description: `FULL|INCREMENTAL`. */
function choicesOf(flags: string, description: string): string[] {
  if (!flags.endsWith("<one>")) return [];
  return (description.match(/\S+\|\S+/)?.[0] ?? "").split("|").filter(Boolean);
}

/** A function that prints the words after `$1`; bash and zsh read it alike. */
function posixTable(words: Words): string {
  const cases = [...words].map(([path, next]) => `    "${path}") echo "${next.join(" ")}" ;;`);
  return `_inlet_words() {\n  case "$1" in\n${cases.join("\n")}\n  esac\n}`;
}

function bash(words: Words): string {
  return `# inlet completion for bash: eval "$(inlet completion bash)"
${posixTable(words)}
_inlet() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" next="" i
  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] && break
    path="\${path:+$path }\${COMP_WORDS[i]}"
  done
  [[ $prev == --* ]] && next="$(_inlet_words "$path $prev")"
  [[ -n $next ]] || next="$(_inlet_words "$path")"
  [[ -n $next ]] || next="$(_inlet_words "\${path%% *}")"
  COMPREPLY=($(compgen -W "$next" -- "$cur"))
}
complete -o default -F _inlet inlet
`;
}

function zsh(words: Words): string {
  return `#compdef inlet
# inlet completion for zsh: eval "$(inlet completion zsh)", after compinit
${posixTable(words)}
_inlet() {
  local said="" next="" i
  for ((i = 2; i < CURRENT && i < 4; i++)); do
    [[ \${words[i]} == -* ]] && break
    said="\${said:+$said }\${words[i]}"
  done
  [[ \${words[CURRENT-1]} == --* ]] && next="$(_inlet_words "$said \${words[CURRENT-1]}")"
  [[ -n $next ]] || next="$(_inlet_words "$said")"
  [[ -n $next ]] || next="$(_inlet_words "\${said%% *}")"
  compadd -- \${(s: :)next} || _files
}
compdef _inlet inlet
`;
}

function fish(words: Words): string {
  const cases = [...words].map(
    ([path, next]) => `    case "${path}"\n      printf '%s\\n' ${next.join(" ")}`,
  );
  return `# inlet completion for fish: inlet completion fish | source
function __inlet_words
  switch "$argv[1]"
${cases.join("\n")}
  end
end
function __inlet_next
  set -l typed (commandline -opc)
  set -l said
  for word in $typed[2..3]
    string match -q -- '-*' $word; and break
    set -a said $word
  end
  set -l next
  string match -q -- '--*' $typed[-1]; and set next (__inlet_words "$said $typed[-1]")
  test -n "$next"; or set next (__inlet_words "$said")
  test -n "$next"; or set next (__inlet_words "$said[1]")
  printf '%s\\n' $next
end
complete -c inlet -a '(__inlet_next)'
`;
}
