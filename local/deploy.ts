/**
 * Deploys the CDK app itself, environment `local`, into the emulator, in the order of every
 * deployment; skips the stacks when nothing changed since the last time.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { publishWorkerManifest } from "../deploy/publish-manifest.ts";
import { rollOut } from "../deploy/roll-out.ts";
import { ENV } from "../schemas/names.ts";
import { ACCOUNT, awsEnvironment, REGION } from "./emulator.ts";
import { paths, root } from "./paths.ts";
import type { Ports } from "./ports.ts";
import { readJson, writeJson } from "./processes.ts";

/**
 * What was deployed: outputs of all stacks, and the environment of each service's task definition.
 */
export interface Deployment {
  readonly outputs: Readonly<Record<string, string>>;
  readonly typescriptEnv: Readonly<Record<string, string>>;
  readonly pythonEnv: Readonly<Record<string, string>>;
}

/**
 * Expects the process's AWS_* environment to point at the emulator. Throws with the CLI's own words
 * when it refuses.
 */
export async function deploy(
  ports: Ports,
  baseEnvironment: Record<string, string>,
): Promise<Deployment> {
  const env = {
    ...baseEnvironment,
    ...awsEnvironment(ports),
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: REGION,
  };
  cdk(["synth", "--quiet", "--output", paths.assembly, ...contextOf(ports)], env);
  const assembly = hashOf(paths.assembly);
  const isCurrent = readJson<string>(paths.deployed) === assembly && (await isDeployed());

  if (!isCurrent) cdk(["bootstrap", `aws://${ACCOUNT}/${REGION}`, "--app", paths.assembly], env);
  await rollOut(paths.assembly, {
    deployStacks: async (names) => {
      if (!isCurrent) cdk(["deploy", ...names, "--app", paths.assembly, ...UNATTENDED], env);
    },
    // The manifest may change where no template does.
    publish: () => publishWorkerManifest("local", baseEnvironment),
  });
  writeJson(paths.deployed, assembly);

  return describeDeployment();
}

const UNATTENDED = ["--require-approval", "never", "--concurrency", "2"];

/**
 * What the environment `local` gets once its ports are known (infra/synth.ts has the same
 * names).
 */
function contextOf(ports: Ports): string[] {
  const aws = awsEnvironment(ports);
  const context = {
    env: "local",
    awsEndpointUrl: aws.AWS_ENDPOINT_URL,
    s3EndpointUrl: aws.AWS_ENDPOINT_URL_S3,
    // One catalogue a tenant: the worker puts the tenant's id in.
    lakeCatalogFile: join(paths.catalogs, "{tenantId}.db"),
  };
  return Object.entries(context).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/**
 * Tells both services where Temporal is and gives them their payload key; the key is kept, or old
 * histories go dark.
 */
export async function putSecrets({ typescriptEnv }: Deployment, ports: Ports): Promise<void> {
  const keys = readJson<object>(paths.keys) ?? {
    current: "local-1",
    keys: { "local-1": randomBytes(32).toString("base64") },
  };
  writeJson(paths.keys, keys);

  const secrets = new SecretsManagerClient({});
  const temporal = { address: `127.0.0.1:${ports.temporal}`, namespace: "default" };

  for (const [name, value] of [
    [ENV.temporalSecret, temporal] as const,
    [ENV.payloadKey, keys] as const,
  ]) {
    const SecretString = JSON.stringify(value);
    await secrets.send(
      new PutSecretValueCommand({ SecretId: required(typescriptEnv, name), SecretString }),
    );
  }
}

async function isDeployed(): Promise<boolean> {
  const { Stacks = [] } = await new CloudFormationClient({}).send(new DescribeStacksCommand({}));
  return Stacks.filter((stack) => stack.StackName?.startsWith("inlet-local")).length > 0;
}

/** What is deployed already. Throws when a stack is missing. */
export async function describeDeployment(): Promise<Deployment> {
  const { Stacks = [] } = await new CloudFormationClient({}).send(new DescribeStacksCommand({}));
  const all = Stacks.flatMap((stack) => stack.Outputs ?? []);
  const outputs = Object.fromEntries(
    all.map(({ OutputKey, OutputValue }) => [OutputKey ?? "", OutputValue ?? ""]),
  );
  return {
    outputs,
    typescriptEnv: await taskEnvironment(required(outputs, "TypeScriptWorkerTaskDefinition")),
    pythonEnv: await taskEnvironment(required(outputs, "PythonWorkerTaskDefinition")),
  };
}

async function taskEnvironment(taskDefinition: string): Promise<Record<string, string>> {
  const answer = await new ECSClient({}).send(
    new DescribeTaskDefinitionCommand({ taskDefinition }),
  );
  const variables =
    answer.taskDefinition?.containerDefinitions?.flatMap((c) => c.environment ?? []) ?? [];
  return Object.fromEntries(variables.map(({ name, value }) => [name ?? "", value ?? ""]));
}

export function required(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined || value === "")
    throw new Error(`The deployment has no ${name}. Run \`npm start -- --fresh\`.`);
  return value;
}

function cdk(args: readonly string[], env: Record<string, string>): void {
  const cli = join(root, "node_modules/.bin/cdk");
  const { status, stdout, stderr } = spawnSync(cli, [...args, "--no-notices"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  writeFileSync(join(paths.logs, `cdk-${args[0]}.log`), `${stdout}\n${stderr}`);
  if (status !== 0)
    throw new Error(`\`cdk ${args[0]}\` failed:\n${`${stdout}\n${stderr}`.trim().slice(-3000)}`);
}

/** The templates name their assets by hash, so they stand for the code too. */
function hashOf(assembly: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(assembly)
    .filter((file) => file.endsWith(".template.json"))
    .sort()) {
    hash.update(readFileSync(join(assembly, name)));
  }
  return hash.digest("hex");
}
