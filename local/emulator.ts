/** The local AWS: ministack, one process, state kept across an orderly stop. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { paths, root } from "./paths.ts";
import type { Ports } from "./ports.ts";
import type { ProcessSpec } from "./processes.ts";
import { waitUntil } from "./wait.ts";

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

/** What every process that speaks AWS needs. S3 by address, so that no client tries a bucket name as a host. */
export function awsEnvironment(ports: Ports): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: `http://localhost:${ports.emulator}`,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${ports.emulator}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

export function emulatorSpec(ports: Ports, baseEnvironment: Record<string, string>): ProcessSpec {
  mkdirSync(paths.emulatorState, { recursive: true });
  mkdirSync(paths.objects, { recursive: true });
  return {
    name: "ministack",
    command: join(root, ".venv/bin/ministack"),
    args: [],
    env: {
      ...baseEnvironment,
      ...awsEnvironment(ports),
      GATEWAY_PORT: String(ports.emulator),
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      PERSIST_STATE: "1",
      STATE_DIR: paths.emulatorState,
      S3_PERSIST: "1",
      S3_DATA_DIR: paths.objects,
      LOG_LEVEL: "WARNING",
    },
  };
}

export async function waitForEmulator(ports: Ports): Promise<void> {
  const url = `http://127.0.0.1:${ports.emulator}/_ministack/health`;
  await waitUntil("the local AWS", 60, async () => (await fetch(url)).ok);
}
