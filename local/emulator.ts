/** The local AWS: ministack, one process, state kept across an orderly stop. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { paths, root } from "./paths.ts";
import type { Ports } from "./ports.ts";
import { type ProcessSpec, readJson, writeJson } from "./processes.ts";
import { waitUntil } from "./wait.ts";

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";

/**
 * What every process that speaks AWS needs. S3 by address, so that no client tries a bucket name as
 * a host.
 */
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
  rewindStreams();

  return {
    name: "ministack",
    command: join(root, ".venv/bin/ministack"),
    args: [],
    env: {
      ...baseEnvironment,
      ...awsEnvironment(ports),
      GATEWAY_PORT: String(ports.emulator),
      BIND_HOST: "127.0.0.1",
      // A second listener, on a fixed port, that nobody here needs.
      IOT_MTLS_ENABLED: "0",
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      PERSIST_STATE: "1",
      STATE_DIR: paths.emulatorState,
      S3_PERSIST: "1",
      S3_DATA_DIR: paths.objects,
      LOG_LEVEL: "WARNING",
    },
  };
}

interface LambdaState {
  readonly payload?: { dynamodb_stream_positions?: { data: Record<string, number> } };
}

/**
 * The emulator keeps how far each stream was read, but not the stream: after a restart a reader
 * would wait until as many records have come again. Forgetting the position makes it read from the
 * first new one.
 */
function rewindStreams(): void {
  const file = join(paths.emulatorState, "lambda.json");
  const state = readJson<LambdaState>(file);
  const positions = state?.payload?.dynamodb_stream_positions;
  if (!positions) return;
  positions.data = {};
  writeJson(file, state);
}

export async function waitForEmulator(ports: Ports): Promise<void> {
  const url = `http://127.0.0.1:${ports.emulator}/_ministack/health`;
  await waitUntil("the local AWS", 60, async () => (await fetch(url)).ok);
}
