/**
 * Puts what the Python worker prints of itself, and what our plugins add to it, into the registry
 * of an environment.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { openTables } from "../adapters/dynamodb/client.ts";
import { publishManifest } from "../adapters/dynamodb/registry/connectors.ts";
import { withMethods } from "../integrations/publish-methods.ts";
import { PLUGINS } from "../integrations/registry.ts";
import { Manifest } from "../schemas/connector.ts";

const root = join(import.meta.dirname, "..");

/**
 * Reads the stacks of the account and region that the process's AWS_* variables say. `environment`
 * is the name of one in `infra/environments.ts`. Throws when its stacks are not deployed, when the
 * worker prints no manifest, or `CONFIG_INVALID` when a schema of it cannot be checked or a plugin
 * does not fit it.
 */
export async function publishWorkerManifest(
  environment: string,
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const manifest = withMethods(printManifest(variables), PLUGINS);
  const tables = openTables(await registryTables(environment));

  await publishManifest(tables, manifest);
}

/** The manifest of this checkout's Python worker. */
function printManifest(variables: NodeJS.ProcessEnv): Manifest {
  const python = join(root, ".venv/bin/python");
  const env = { ...variables, PYTHONPATH: join(root, "python-worker/src") };
  const { status, stdout, stderr } = spawnSync(python, ["-m", "inlet_worker", "manifest"], {
    env,
    encoding: "utf8",
  });

  if (status !== 0)
    throw new Error(`The Python worker prints no manifest:\n${(stderr ?? "").slice(-2000)}`);
  return Manifest.parse(JSON.parse(stdout));
}

async function registryTables(environment: string) {
  const [data, api] = await Promise.all(
    ["data", "api"].map((name) => describeStack(`inlet-${environment}-${name}`)),
  );

  const made = (name: string) => {
    const value = data?.outputs[name];
    if (value) return value;
    throw new Error(`Stack inlet-${environment}-data gives out no ${name}. Deploy it first.`);
  };

  return {
    // A restored table is named by this parameter (docs/deploy.md): the registry is read from it.
    control: api?.parameters.ControlTableName || made("ControlTableName"),
    events: made("EventsTableName"),
    hot: made("HotTableName"),
  };
}

async function describeStack(StackName: string) {
  const { Stacks = [] } = await new CloudFormationClient({}).send(
    new DescribeStacksCommand({ StackName }),
  );
  const { Outputs = [], Parameters = [] } = Stacks[0] ?? {};
  return {
    outputs: record(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    parameters: record(
      Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
    ),
  };
}

const record = (entries: [string | undefined, string | undefined][]): Record<string, string> =>
  Object.fromEntries(entries.map(([name = "", value = ""]) => [name, value]));
