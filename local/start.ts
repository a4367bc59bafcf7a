/**
 * `npm start`: the stack, then the main job against the built-in sandbox or a named site. What an
 * earlier start landed is kept.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Run } from "../schemas/run.ts";
import { type MainJobInput, runMainJob } from "./main-job.ts";
import { paths, root } from "./paths.ts";
import { chosenPorts, type Ports } from "./ports.ts";
import { runningPid } from "./processes.ts";
import { resultTable, showProgress } from "./progress.ts";
import { forgetState, startStack } from "./stack.ts";
import { stackApi } from "./stack-api.ts";
import type { Stack } from "./stack-file.ts";
import { stopStack } from "./stop.ts";

const HELP = `npm start -- [options]

  --once               end after the main job; exit 0 only if every run is COMPLETE
  --fresh              forget what earlier starts landed
  --no-job             start the stack and run nothing
  --jira-url URL       ingest this Jira site instead of the built-in sandbox
  --jira-email EMAIL   … as this account
  --jira-token TOKEN   … with this API token
  --help               this text

  INLET_PORT_BASE=N    use the four ports from N on
  INLET_STATE_DIR=DIR  keep the state there: another stack
`;

const options = {
  once: { type: "boolean" },
  fresh: { type: "boolean" },
  "no-job": { type: "boolean" },
  help: { type: "boolean" },
  "jira-url": { type: "string" },
  "jira-email": { type: "string" },
  "jira-token": { type: "string" },
} as const;

function mainJobOf(
  values: { "jira-url"?: string; "jira-email"?: string; "jira-token"?: string },
  ports: Ports,
): MainJobInput {
  const url = values["jira-url"];
  const [email, apiToken] = [values["jira-email"], values["jira-token"]];
  if (url && !(email && apiToken))
    throw new Error("--jira-url needs --jira-email and --jira-token.");

  return {
    endpointName: "jira",
    connector: "jira",
    config: { baseUrl: url ?? `http://127.0.0.1:${ports.sandbox}` },
    credentials: {
      authType: "basic",
      secret: { email: email ?? "sandbox@example.com", apiToken: apiToken ?? "sandbox-token" },
    },
    onProgress: showProgress,
  };
}

async function main(): Promise<number> {
  const values = parsedOptions();
  if (values.help) {
    console.log(HELP);
    return 0;
  }

  const ports = chosenPorts();
  const job = mainJobOf(values, ports);
  if (values.fresh) {
    await stopStack();
    forgetState();
  }

  const ranBefore = runningPid("supervisor") !== undefined;
  const stack = await startStack(ports, (line) => console.log(line));
  if (values["no-job"]) {
    console.log(`The stack is up and nothing was run.\n${whereabouts(stack)}`);
    return 0;
  }

  console.log(`Ingesting ${job.config.baseUrl} as the endpoint "jira"…`);
  const runs = await runMainJob(stackApi(stack.apiUrl, stack.token), job);
  const [landed, unchanged] = [sumOf(runs, "landed"), sumOf(runs, "unchanged")];
  const figures = `${landed} rows landed, ${unchanged} were unchanged`;
  console.log(`\n${resultTable(runs)}\n\n${figures}. Their files are in ${folderOf(stack)}`);
  for (const run of runs)
    for (const { message } of run.evidence) console.log(`  ${run.unitId}: ${message}`);
  for (const run of runs) if (run.error) console.log(`  ${run.unitId}: ${run.error.message}`);

  if (values.once && !ranBefore) {
    await stopStack();
    console.log(afterwards());
  } else console.log(nextSteps(stack));

  return runs.every((run) => run.status === "COMPLETE") ? 0 : 1;
}

function sumOf(runs: readonly Run[], figure: "landed" | "unchanged"): number {
  return runs.reduce((sum, run) => sum + run.stats[figure], 0);
}

/** Throws, naming what is not known, before anything is stopped or started. */
function parsedOptions() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message.split(". ")[0]}. See \`npm start -- --help\`.`);
  }
}

function nextSteps(stack: Stack): string {
  return `
Three things to try next:
  1. Look at the runs:   npx inlet runs list
  2. Query the lake:     ${READ_LAKE} jira.issues --columns key,statusName,summary
  3. Watch Temporal:     ${stack.temporalUiUrl}
${whereabouts(stack)}`;
}

/** The script reads the files themselves: it needs no stack. */
const READ_LAKE = ".venv/bin/python local/read_lake.py";

function whereabouts(stack: Stack): string {
  return `
  API          ${stack.apiUrl}
  Temporal     ${stack.temporalUiUrl}
  lake         ${folderOf(stack)}
  logs         ${near(paths.logs)}
  all of it    ${near(paths.stackFile)}, with tokens

The guide is docs/cli.md. \`npm start\` again lands what changed; \`npm stop\` stops everything and
keeps what landed.`;
}

function afterwards(): string {
  return `
Everything is stopped, and what landed is kept. Read it from its files:
  ${READ_LAKE}                list the tables, and where their files are
  ${READ_LAKE} jira.issues    show rows; --to FILE writes them all to one parquet file

\`npm start\` brings the stack up again with them.`;
}

/** The local S3 keeps each object as a plain file, under the account and the bucket. */
function folderOf({ lake }: Stack): string {
  const place = (lake.warehouse ?? "").replace("s3://", "");
  const [account = "000000000000"] = existsSync(paths.objects) ? readdirSync(paths.objects) : [];
  return near(join(paths.objects, account, place));
}

function near(path: string): string {
  return path.replace(`${root}/`, "");
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
