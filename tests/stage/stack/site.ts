/** Jira sites of a test's own, served by its own process. */
import { DEFAULT_USER, readOptions } from "../../../local/sandbox/jira/options.ts";
import { startSandbox } from "../../../local/sandbox/jira/start-sandbox.ts";
import { DEFAULT_TOKEN } from "../../../local/sandbox/site/options.ts";

export interface SiteInput {
  readonly issues: number;
  readonly token?: string;
  readonly bodyBytes?: number;
}

export interface Site {
  readonly url: string;
  readonly email: string;
  readonly token: string;
  /** `POST /__control/<action>`: see the sandbox's README. */
  control<T = { keys: string[]; ids: string[] }>(action: string, body?: unknown): Promise<T>;
  /** Ids of all records of a unit (`issues`), in order. */
  ids(unit: string): Promise<string[]>;
  /** Requests answered so far, all routes together. */
  requests(): number;
  /** Pages of searched issues that were answered so far. */
  pages(): number;
  stop(): Promise<void>;
}

export async function aSite({
  issues,
  token = DEFAULT_TOKEN,
  bodyBytes,
}: SiteInput): Promise<Site> {
  const length = bodyBytes === undefined ? [] : ["--body-bytes", String(bodyBytes)];
  const { url, sandbox, stop } = await startSandbox(
    readOptions(["--issues", String(issues), "--token", token, ...length]),
  );

  return {
    url,
    email: DEFAULT_USER,
    token,
    control: (action, body = {}) => control(url, action, body),
    ids: (unit) => ids(url, unit),
    requests: () => sum([...sandbox.stats.values()]),
    pages: () =>
      sum([...sandbox.stats].filter(([route]) => route.endsWith("/search/jql")).map(([, n]) => n)),
    stop,
  };
}

/**
 * The key of the project that every run has to read something of: its overlap holds the last
 * change.
 */
export async function lastChangedProject({ email, token, url }: Site): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${email}:${token}`).toString("base64")}`;
  const query = new URLSearchParams({
    jql: "id > 0 ORDER BY updated DESC",
    maxResults: "1",
    fields: "key",
  });
  const answer = await fetch(`${url}/rest/api/3/search/jql?${query}`, {
    headers: { authorization },
  });
  const { issues } = (await answer.json()) as { issues: { key: string }[] };
  return issues[0]?.key.split("-")[0] ?? "none";
}

/** The key of a project that the site shows. */
export async function someProject({ email, token, url }: Site): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${email}:${token}`).toString("base64")}`;
  const answer = await fetch(`${url}/rest/api/3/project/search`, { headers: { authorization } });
  const { values } = (await answer.json()) as { values: { key: string }[] };
  return values[0]?.key ?? "none";
}

const sum = (counts: readonly number[]) => counts.reduce((total, n) => total + n, 0);

async function control<T>(url: string, action: string, body: unknown): Promise<T> {
  const answer = await fetch(`${url}/__control/${action}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!answer.ok)
    throw new Error(`The site refused ${action}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function ids(url: string, unit: string): Promise<string[]> {
  const answer = await fetch(`${url}/__control/truth?unit=${unit}`);
  const { values } = (await answer.json()) as { values: { id: string }[] };
  return values.map(({ id }) => id).sort();
}
