/**
 * The whole stack on this machine: the CDK app in the local AWS, a real Temporal, a Jira site, both
 * workers.
 */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RefusedError } from "../client/errors.ts";
import { ENV } from "../schemas/names.ts";
import { CreateTenant } from "../schemas/operations/tenants.ts";
import { type Deployment, deploy, describeDeployment, putSecrets, required } from "./deploy.ts";
import { awsEnvironment, emulatorSpec, REGION, waitForEmulator } from "./emulator.ts";
import { signInDemoUsers } from "./identity.ts";
import { lockAudit } from "./lock-audit.ts";
import { paths, root, stateDir } from "./paths.ts";
import { type Ports, requireFree } from "./ports.ts";
import { readPids, runningPid, SUPERVISOR, wantProcesses } from "./processes.ts";
import { sandboxSpec, waitForSite } from "./sandbox-process.ts";
import { stackApi } from "./stack-api.ts";
import { readStack, type Stack, writeStack } from "./stack-file.ts";
import { stopStack } from "./stop.ts";
import { temporalSpec, waitForTemporal } from "./temporal.ts";
import { workerSpecs } from "./workers.ts";

/**
 * Starts what is not running and returns where everything is. Throws with the remedy when something
 * is in the way.
 */
export async function startStack(ports: Ports, say: (line: string) => void): Promise<Stack> {
  Object.assign(process.env, awsEnvironment(ports));
  if (runningPid("supervisor") !== undefined) return refreshTokens();

  // What a supervisor that was killed left behind would hold the ports.
  await stopStack();
  await requireFree(ports);
  for (const directory of [stateDir, paths.logs, paths.catalogs])
    mkdirSync(directory, { recursive: true });
  rmSync(paths.processesFile, { force: true });

  const base = baseEnvironment();
  wantProcesses(emulatorSpec(ports, base), temporalSpec(ports, base), sandboxSpec(ports, base));
  superviseInBackground();
  say("Starting the local AWS, Temporal and the Jira sandbox…");
  await Promise.all([waitForEmulator(ports), waitForTemporal(ports), waitForSite(ports)]);

  say("Deploying the CDK app…");
  const deployment = await deploy(ports, base);
  await lockAudit(deployment);
  await putSecrets(deployment, ports);
  wantProcesses(...workerSpecs(deployment, ports, base));

  const stack = await describeStack(deployment, ports);
  await registerTenants(stack);
  writeStack(stack);
  return stack;
}

/** Tokens last a day: a stack that runs longer gets new ones with the next start. */
async function refreshTokens(): Promise<Stack> {
  const stack = { ...readStack(), ...(await signInDemoUsers(await describeDeployment())) };
  writeStack(stack);
  return stack;
}

/**
 * The tenants of the demo's people, with the environment's quotas. An earlier start may have
 * registered them.
 */
async function registerTenants({ apiUrl, platformToken }: Stack): Promise<void> {
  const platform = stackApi(apiUrl, platformToken);
  for (const [tenantId, name] of Object.entries({ demo: "Demo", other: "Another tenant" })) {
    try {
      await platform.call(CreateTenant, { body: { tenantId, name } });
    } catch (error) {
      if (!(error instanceof RefusedError && error.problem.code === "CONFLICT")) throw error;
    }
  }
}

async function describeStack(deployment: Deployment, ports: Ports): Promise<Stack> {
  const aws = awsEnvironment(ports);
  const s3 = aws.AWS_ENDPOINT_URL_S3 ?? "";
  // By path: `<id>.execute-api.localhost` resolves on few machines.
  const apiId = required(deployment.outputs, "ApiId");
  const apiUrl = `http://127.0.0.1:${ports.emulator}/_aws/execute-api/${apiId}/$default`;

  return {
    apiUrl,
    graphqlUrl: `${apiUrl}/graphql`,
    consoleUrl: null,
    temporalAddress: `127.0.0.1:${ports.temporal}`,
    temporalUiUrl: `http://127.0.0.1:${ports.temporalUi}`,
    awsEndpointUrl: aws.AWS_ENDPOINT_URL ?? "",
    lake: {
      type: "sql",
      uri: `sqlite:///${join(paths.catalogs, "demo.db")}`,
      warehouse: `s3://${required(deployment.pythonEnv, ENV.lakeBucket)}/lake/demo`,
      "s3.endpoint": s3,
      "s3.access-key-id": "test",
      "s3.secret-access-key": "test",
      "s3.region": REGION,
    },
    ...(await signInDemoUsers(deployment)),
    pids: readPids(),
  };
}

function superviseInBackground(): void {
  const log = openSync(join(paths.logs, "supervisor.log"), "a");
  const node = join(root, "node_modules/.bin/node");
  const env = { ...process.env, INLET_STATE_DIR: stateDir };
  spawn(node, [SUPERVISOR], {
    cwd: root,
    env,
    detached: true,
    stdio: ["ignore", log, log],
  }).unref();
}

/** Nothing of the caller's AWS account may reach the stack. */
function baseEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|INLET_|npm_)/.test(name));
  return Object.fromEntries(
    kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/**
 * Forgets what landed; keeps the logs of what went wrong before. Call it only when nothing runs.
 */
export function forgetState(): void {
  const { stackFile: _, logs: __, ...state } = paths;
  for (const path of Object.values(state)) rmSync(path, { recursive: true, force: true });
}
