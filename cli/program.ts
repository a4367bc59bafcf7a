/** The command tree: every operation as `noun verb`, beside `profile` and `completion`. */
import { Command as Node, Option } from "commander";
import { tellsOfWork } from "../client/follow.ts";
import { Run } from "../schemas/run.ts";
import { apiOf } from "./api.ts";
import { COMMANDS, type Command } from "./commands.ts";
import { completionScript, SHELLS } from "./completion.ts";
import { type Field, fieldsOf, flagOf, hasBody } from "./fields.ts";
import { needsConfirmation } from "./invoke.ts";
import type { Io } from "./io.ts";
import { addProfileCommands } from "./profile-commands.ts";
import { argumentOf, OPTION_REFERENCES, REFERENCES } from "./references.ts";
import { FAILED, type Typed } from "./request.ts";
import { targetOf } from "./target.ts";
import { VERSION } from "./version.ts";

export type Invoke = (command: Command, args: readonly string[], typed: Typed) => Promise<void>;

const EXIT_CODES = `
Exit codes: 0 done, 2 the request is not valid, 3 not allowed, 4 not found,
5 the current state does not allow it, 6 what was watched did not end COMPLETE,
7 the server or the network, 130 interrupted.`;

export function programOf(invoke: Invoke, io: Io): Node {
  const program = new Node("inlet")
    .description("Inlet's API for people and scripts.")
    .version(VERSION)
    // `--version` behind a verb is the verb's own option.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.width ?? 100,
    })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      "after",
      `
Examples:
  $ inlet endpoints list
  $ inlet units configure jira issues --mode INCREMENTAL --schedule 15m --enabled
  $ inlet runs start jira issues --watch
${EXIT_CODES}`,
    );
  for (const command of COMMANDS) addCommand(program, command, invoke);
  addProfileCommands(program, io);
  program
    .command("mcp")
    .summary("serve Inlet's tools to an agent, over standard input and output")
    .description(
      "Serves the Model Context Protocol: connectors, endpoints, their methods, and runs as " +
        "tools. The agent may do what the deployment's token may.",
    )
    .option("--profile <name>", "the deployment to use")
    .action(async ({ profile }: { profile?: string }) => {
      // Loaded when it is needed: the other commands start without it.
      const { serveAgents } = await import("./mcp.ts");
      await serveAgents(apiOf(targetOf(io, profile)));
    });
  program
    .command("completion")
    .summary("print the script that completes commands")
    .description(
      'Prints a completion script: eval "$(inlet completion bash)", or write it where your ' +
        "shell looks.",
    )
    .argument("<shell>", `one of ${SHELLS.join(", ")}`)
    .action((shell: string) => io.stdout.write(completionScript(shell, program)));
  return program;
}

function addCommand(program: Node, command: Command, invoke: Invoke): void {
  const [noun = "", verb] = command.words;
  addNode(verb ? nounOf(program, noun).command(verb) : program.command(noun), command, invoke);
  if (command.formerVerb)
    addNode(nounOf(program, noun).command(command.formerVerb, { hidden: true }), command, invoke);
}

function addNode(node: Node, command: Command, invoke: Invoke): void {
  const { operation } = command;
  node.description(
    `${operation.summary}\n${operation.method} ${operation.path}; role: ${operation.role}`,
  );
  node.summary(operation.summary.split(/[.;:]/)[0] ?? "");
  for (const name of command.args)
    node.argument(`<${argumentOf(name)}>`, REFERENCES[name]?.by ?? "");
  for (const option of optionsOf(command)) node.addOption(option);
  if (command.examples.length > 0) {
    node.addHelpText(
      "after",
      `\nExamples:\n${command.examples.map((example) => `  $ ${example}`).join("\n")}`,
    );
  }
  node.action((...given: unknown[]) =>
    invoke(command, given.slice(0, command.args.length) as string[], node.opts()),
  );
}

/** A noun's summary is its verbs: what a person who reads the list wants next. */
function nounOf(program: Node, noun: string): Node {
  const verbs = COMMANDS.filter(({ words }) => words[0] === noun && words[1]).map(
    ({ words }) => words[1],
  );
  return (
    program.commands.find((node) => node.name() === noun) ??
    program.command(noun).summary(verbs.join(", "))
  );
}

const OUTPUT_TEXT =
  "where to write the files: a folder, or a file for a single one; a folder named after the " +
  "artifact without it. With --json nothing is downloaded";
const FAILED_TEXT = `what did not go as it should: ${FAILED.join(", ")}`;

/** Of the contract first, then what every command of the kind has. */
export function optionsOf(command: Command): Option[] {
  const { operation } = command;
  const fields = fieldsOf(command);
  const has = (name: string) => fields.some((field) => field.name === name);
  return [
    ...fields.flatMap(fieldOptions),
    ...fields.flatMap(formerOptions),
    ...(has("scheduleKind")
      ? [new Option("--schedule <every>", "manual, or an interval: 15m, 2h, 1d")]
      : []),
    ...(hasBody(command)
      ? [new Option("--body <json>", "the whole body; other options win over it")]
      : []),
    ...(operation.id === "listRuns"
      ? [new Option("--failed", FAILED_TEXT).conflicts("status")]
      : []),
    ...(operation.id === "downloadArtifact" ? [new Option("--output <path>", OUTPUT_TEXT)] : []),
    ...(has("cursor") && operation.id !== "downloadArtifact"
      ? [new Option("--all", "every page")]
      : []),
    ...(operation.ifMatch === "none"
      ? []
      : [new Option("--if-match <version>", "only if this is the stored version")]),
    ...(operation.idempotencyKey
      ? [new Option("--idempotency-key <key>", "the same key starts the work once")]
      : []),
    ...(operation.respondAsync
      ? [new Option("--respond-async", "do not wait: the call goes on by itself")]
      : []),
    ...(needsConfirmation(command) ? [new Option("--yes", "do not ask")] : []),
    ...(Object.values(operation.answers).includes(Run)
      ? [new Option("-v, --stats", "every figure of the run, too")]
      : []),
    ...(tellsOfWork(operation)
      ? [new Option("--watch", "wait until it has ended, showing progress")]
      : []),
    new Option("--json", "the API's answer as JSON"),
    new Option("--profile <name>", "another deployment than the one in use"),
  ];
}

function fieldOptions(field: Field): Option[] {
  const { flag, kind } = field;
  const text = descriptionOf(field);
  if (kind !== "boolean")
    return [
      new Option(`--${flag} <${field.isLong ? "text" : kind === "choice" ? "one" : kind}>`, text),
    ];
  return [new Option(`--${flag}`, text), new Option(`--no-${flag}`, `not ${flag}`)];
}

/** `--sink-id` is what `--sink` was called before it took names. */
function formerOptions({ flag, name }: Field): Option[] {
  const former = flagOf(name);
  return former === flag ? [] : [new Option(`--${former} <id>`).hideHelp()];
}

function descriptionOf({
  name,
  description,
  kind,
  choices,
  required,
  defaultValue,
  nullable,
  isLong,
}: Field): string {
  return [
    OPTION_REFERENCES.includes(name) ? `${REFERENCES[name]?.by}.` : "",
    description.replaceAll("`", ""),
    kind === "choice" ? choices.join("|") : "",
    kind === "time" ? "A time, or how long ago: 15m, 2h, 1d." : "",
    kind === "json" ? "JSON, @file or @- for standard input" : "",
    isLong ? "text, @file or @-" : "",
    nullable ? "`null` for none" : "",
    defaultValue === undefined ? "" : `default: ${JSON.stringify(defaultValue)}`,
    required ? "(required)" : "",
  ]
    .filter(Boolean)
    .join(" ");
}
