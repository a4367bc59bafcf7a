/** Which deployment a command talks to, and as whom. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { checkUrl, LOCAL, profileNamed, profilesFile, readProfiles } from "./profiles.ts";
import { UsageError } from "./usage-error.ts";

export interface Target {
  readonly apiUrl: string;
  readonly token: string | null;
  /** For messages: which profile, file or variable said so. */
  readonly source: string;
  /** How to get another token. */
  readonly renewal: string;
  readonly isProfile: boolean;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/**
 * `--profile` first, then INLET_API_URL and INLET_TOKEN, then the profile in use, then the local
 * stack of the checkout. A stored token goes to its own URL only: INLET_API_URL without INLET_TOKEN
 * asks without a token.
 */
export function targetOf({ env, cwd }: Surroundings, asked: string | undefined): Target {
  if (asked !== undefined) return storedTarget({ env, cwd }, asked);
  if (env.INLET_API_URL) {
    return {
      apiUrl: checkUrl(env.INLET_API_URL),
      token: env.INLET_TOKEN || null,
      source: "INLET_API_URL with INLET_TOKEN",
      renewal: "Set INLET_TOKEN to a token of that deployment.",
      isProfile: false,
    };
  }
  const stored = storedTarget({ env, cwd }, readProfiles(profilesFile(env)).current ?? LOCAL);
  if (!env.INLET_TOKEN) return stored;
  const source = `INLET_TOKEN for ${stored.source}`;
  return {
    ...stored,
    token: env.INLET_TOKEN,
    source,
    renewal: "Set INLET_TOKEN again, or unset it.",
  };
}

function storedTarget({ env, cwd }: Surroundings, name: string): Target {
  if (name === LOCAL) return localTarget({ env, cwd });
  const { apiUrl, token } = profileNamed(readProfiles(profilesFile(env)), name);
  const command = `inlet profile add ${name} --api-url ${apiUrl} --token @token.txt`;
  return {
    apiUrl: checkUrl(apiUrl),
    token,
    source: `the profile ${name}`,
    renewal: `Give it a new one: ${command}`,
    isProfile: true,
  };
}

const Stack = z.object({ apiUrl: z.string(), token: z.string() });

/** The stack that `npm start` runs in the checkout around `cwd`. */
function localTarget({ env, cwd }: Surroundings): Target {
  const file = findUp(cwd, join(env.INLET_STATE_DIR ?? ".local", "stack.json"));
  if (!file) {
    throw new UsageError(
      "No deployment is chosen. Run `npm start` in the checkout, or add one: inlet profile " +
        "add prod --api-url https://…",
    );
  }
  const { data } = Stack.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!data) throw new UsageError(`${file} names no API. Run \`npm start\` again.`);
  return {
    apiUrl: checkUrl(data.apiUrl),
    token: data.token,
    source: `the local stack (${file})`,
    renewal: "Run `npm start`: it signs in anew.",
    isProfile: false,
  };
}

function findUp(from: string, path: string): string | undefined {
  for (let dir = from; ; dir = dirname(dir)) {
    const file = resolve(dir, path);
    if (existsSync(file)) return file;
    if (dir === dirname(dir)) return undefined;
  }
}
