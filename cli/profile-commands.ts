/**
 * `inlet profile add|list|use|remove`: the only commands that do not ask the API. No token is ever
 * printed.
 */
import type { Command as Node } from "commander";
import type { Io } from "./io.ts";
import {
  addProfile,
  LOCAL,
  type Profiles,
  profilesFile,
  readProfiles,
  removeProfile,
  useProfile,
  writeProfiles,
} from "./profiles.ts";
import { tableOf } from "./render.ts";
import { UsageError } from "./usage-error.ts";

export function addProfileCommands(program: Node, io: Io): void {
  const file = profilesFile(io.env);
  const change = (how: (all: Profiles) => Profiles, said: (all: Profiles) => string) => {
    const all = how(readProfiles(file));
    writeProfiles(file, all);
    io.stdout.write(`${said(all)}\n`);
  };
  const profile = program.command("profile").summary("add, list, use, remove deployments");

  profile
    .command("add <name>")
    .description(
      `Adds a deployment, or replaces the one of that name. Kept in ${file}, readable by you only.`,
    )
    .requiredOption("--api-url <url>", "https://host/path of the API")
    .option(
      "--token <source>",
      "@file, or @- for standard input; without it, INLET_TOKEN is needed at each call",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ inlet profile add prod --api-url https://api.example.com --token " +
        "@token.txt",
    )
    .action((name: string, { apiUrl, token }: { apiUrl: string; token?: string }) =>
      change(
        (all) => addProfile(all, name, apiUrl, readToken(token, io)),
        (all) =>
          all.current === name
            ? `Added ${name}. It is in use from now on; ` +
              `\`inlet profile use ${LOCAL}\` goes back to the local stack.`
            : `Added ${name}. Use it at once with --profile ${name}, ` +
              `or from now on: inlet profile use ${name}`,
      ),
    );
  profile
    .command("list")
    .description("Lists the deployments; the one in use has a star.")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) =>
      io.stdout.write(`${listing(readProfiles(file), json ?? false)}\n`),
    );
  profile
    .command("use <name>")
    .description(
      "Chooses the deployment that commands use; `local` is the local stack of the checkout.",
    )
    .action((name: string) =>
      change(
        (all) => useProfile(all, name),
        () => `Using ${name}.`,
      ),
    );
  profile
    .command("remove <name>")
    .description("Removes a deployment and its token.")
    .action((name: string) =>
      change(
        (all) => removeProfile(all, name),
        ({ current }) => `Removed ${name}. In use: ${current ?? LOCAL}.`,
      ),
    );
}

/** A token among the arguments would stand in the shell's history and in every process list. */
function readToken(source: string | undefined, { readText }: Io): string | null {
  if (source === undefined) return null;
  if (!source.startsWith("@"))
    throw new UsageError("--token takes no token, but where it stands: --token @file, or @-");
  const token = readText(source.slice(1)).trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError(`${source} holds no token. Write the token and nothing else.`);
  return token;
}

function listing({ current, profiles }: Profiles, json: boolean): string {
  const rows = [
    { name: LOCAL, apiUrl: null, hasToken: true, current: current === null },
    ...Object.entries(profiles).map(([name, { apiUrl, token }]) => ({
      name,
      apiUrl,
      hasToken: token !== null,
      current: current === name,
    })),
  ];
  if (json) return JSON.stringify(rows, null, 2);
  const plain = (text: string | number | null | undefined) => String(text);
  return tableOf(
    rows.map((row) => ({
      ...row,
      current: row.current ? "*" : "",
      apiUrl: row.apiUrl ?? "what npm start runs here",
    })),
    ["current", "name", "apiUrl", "hasToken"],
    { bold: plain, dim: plain, width: undefined },
  );
}
