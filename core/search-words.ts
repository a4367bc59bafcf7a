/** Words of a text, in a form in which those of a task and those of a vendor meet. */

/** Words that say nothing of what is wanted. */
const STOP_WORDS = new Set(
  (
    "a an and all any are as at be by can do for from get give has have how i if in into is it" +
    " its me my new of on one or our please so some that the their them then this to up us use" +
    " using via want we what when where which who will with you your"
  ).split(" "),
);

/** Words that vendors and people use for the same. The first of a line stands for all. */
const SAME: ReadonlyMap<string, string> = new Map(
  [
    "issue ticket bug",
    "employee people staff person colleague",
    "user account member",
    "repository repo",
    "pull pr",
    "search find query lookup",
    "create add open raise file make",
    "delete remove drop",
    "update edit change modify",
    "message chat",
    "alarm alert alarms",
    "leave vacation holiday absence",
    "comment note reply",
  ].flatMap((line) => {
    const [first = "", ...others] = line.split(" ");
    return others.map((other): [string, string] => [stem(other), stem(first)]);
  }),
);

const MOST_CHARACTERS = 4000;

/** The words of a text, each once, in its order. Names are taken apart: `createIssue`. */
export function wordsOf(text: string): string[] {
  const words = text
    .slice(0, MOST_CHARACTERS)
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !STOP_WORDS.has(word))
    .map(stem)
    .map((word) => SAME.get(word) ?? word);
  return [...new Set(words)];
}

/** Without the endings of plurals and verbs: `searching`, `searches` and `search` are one. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  const bare = word
    .replace(/(ss|sh|ch|x|z)es$/, "$1")
    .replace(/ies$/, "y")
    .replace(/(?<=[^s])s$/, "");
  if (bare.length <= 4) return bare;
  return bare
    .replace(/(ing|ed)$/, "")
    .replace(/([bdgmnprt])\1$/, "$1")
    .replace(/e$/, "");
}
