/**
 * Profiles of several deployments: `$XDG_CONFIG_HOME/inlet/config.json`, readable by its owner
 * only.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { UsageError } from "./usage-error.ts";

const Profile = z.strictObject({ apiUrl: z.string(), token: z.string().nullable() });
export const Profiles = z.strictObject({
  /** Null: the local stack of the checkout. */
  current: z.string().nullable(),
  profiles: z.record(z.string(), Profile),
});
export type Profiles = z.infer<typeof Profiles>;

/** The name that always means the local stack. */
export const LOCAL = "local";

export function profilesFile(env: NodeJS.ProcessEnv): string {
  return join(
    env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), ".config"),
    "inlet",
    "config.json",
  );
}

/** Throws UsageError when the file is not ours; without a file there are no profiles. */
export function readProfiles(file: string): Profiles {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { current: null, profiles: {} };
  }
  try {
    return Profiles.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${file} cannot be read. Remove it and add the profiles again.`);
  }
}

/** Written beside and moved: an interrupted command leaves the old file. */
export function writeProfiles(file: string, profiles: Profiles): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, file);
}

/** The first profile is in use at once. Throws UsageError for a name or URL that cannot be. */
export function addProfile(
  all: Profiles,
  name: string,
  apiUrl: string,
  token: string | null,
): Profiles {
  if (name === LOCAL)
    throw new UsageError("`local` is the local stack of the checkout. Choose another name.");
  if (!/^[a-z0-9][a-z0-9_.-]{0,62}$/i.test(name)) {
    throw new UsageError(
      `${name} is no profile name. Use letters, digits, dot, dash and underscore.`,
    );
  }
  const first = Object.keys(all.profiles).length === 0;
  const profiles = { ...all.profiles, [name]: { apiUrl: checkUrl(apiUrl), token } };
  return { current: first ? name : all.current, profiles };
}

export function useProfile(all: Profiles, name: string): Profiles {
  if (name === LOCAL) return { ...all, current: null };
  profileNamed(all, name);
  return { ...all, current: name };
}

export function removeProfile(all: Profiles, name: string): Profiles {
  profileNamed(all, name);
  const { [name]: _, ...profiles } = all.profiles;
  return { current: all.current === name ? null : all.current, profiles };
}

export function profileNamed(all: Profiles, name: string): z.infer<typeof Profile> {
  const found = Object.hasOwn(all.profiles, name) ? all.profiles[name] : undefined;
  if (found) return found;
  throw new UsageError(
    `There is no profile ${name}. See \`inlet profile list\`, or add it: inlet profile add ${name}`,
  );
}

/** Without trailing slash. A token travels over TLS, or not beyond this machine. */
export function checkUrl(apiUrl: string): string {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(`${apiUrl} is no URL. Write it as https://host/path.`);
  }
  if (url.username || url.password)
    throw new UsageError("The API URL holds a password. Give a token instead.");
  if (url.protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)) {
    throw new UsageError(`${apiUrl} would send the token in the clear. Use https.`);
  }
  return apiUrl.replace(/\/+$/, "");
}
