/**
 * The replay server as a child process: a recorded Jira site, with faults on demand and the truth
 * at hand.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../stage/free-ports.ts";

export interface ReplaySite {
  readonly url: string;
  /** `GET`, or `POST` where there is a body. */
  control<T>(action: string, body?: unknown, method?: string): Promise<T>;
  requests(): Promise<number>;
  /** Answers 429 so far. */
  refusals(): Promise<number>;
  stop(): void;
}

export const REPLAY_ACCOUNT = { email: "replay@example.com", apiToken: "replay-token" };

export async function startReplay(
  server: string,
  data: string,
  flags: readonly string[],
): Promise<ReplaySite> {
  const port = await freePort();
  const child = spawn("python3", [server, "--data", data, "--port", String(port), ...flags], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;

  const control = async <T>(action: string, body?: unknown, method = "POST"): Promise<T> => {
    const init = body === undefined ? {} : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/__control/${action}`, init);
    if (!answer.ok)
      throw new Error(
        `The replay server answered ${answer.status} to ${action}: ${await answer.text()}`,
      );
    return (await answer.json()) as T;
  };

  await answering(child, () => control("stats"));
  return {
    url,
    control,
    requests: async () => {
      const { requestsByRoute } = await control<{ requestsByRoute: Record<string, number> }>(
        "stats",
      );
      return Object.values(requestsByRoute).reduce((sum, n) => sum + n, 0);
    },
    refusals: async () => (await control<{ served429: number }>("stats")).served429,
    stop: () => child.kill("SIGKILL"),
  };
}

async function answering(child: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null)
      throw new Error("The replay server ended at once: check --server and --data.");
    if (
      await ask().then(
        () => true,
        () => false,
      )
    )
      return;
    await pause(100);
  }
  throw new Error("The replay server does not answer.");
}
