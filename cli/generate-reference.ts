/**
 * Part of `npm run generate`: writes docs/cli-commands.md, every command with its arguments,
 * options and examples.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS, type Command } from "./commands.ts";
import { optionsOf } from "./program.ts";
import { argumentOf } from "./references.ts";

const HEAD = `# Commands of \`inlet\`

${[
  "Generated from the contract by `npm run generate`.",
  "How to use them: [the command line](cli.md).",
  "Every command also takes `--json`, `--profile <name>` and `--help`.",
  "What stands in `< >` may be a name where the thing has one; [names](cli.md#names) says which.",
].join(" ")}
`;
const EVERYWHERE = new Set(["--json", "--profile"]);

function reference(commands: readonly Command[]): string {
  return [HEAD, ...commands.map(section)].join("\n");
}

function section(command: Command): string {
  const { operation, words, args, examples } = command;
  const options = optionsOf(command).filter(
    ({ long, hidden }) => !hidden && !EVERYWHERE.has(long ?? ""),
  );
  const usage = [
    "inlet",
    ...words,
    ...args.map((name) => `<${argumentOf(name)}>`),
    ...(options.length > 0 ? ["[options]"] : []),
  ];
  return [
    `## ${words.join(" ")}\n`,
    `\`${usage.join(" ")}\`\n`,
    `${operation.summary} (\`${operation.method} ${operation.path}\`, role ${operation.role})\n`,
    ...(options.length > 0
      ? [`${options.map(({ flags, description }) => line(flags, description)).join("\n")}\n`]
      : []),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.join("\n")}\n\`\`\`\n`] : []),
  ].join("\n");
}

function line(flags: string, description: string): string {
  return `- \`${flags}\`${description ? ` ${description}` : ""}`;
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, "../docs/cli-commands.md"), reference(COMMANDS));
