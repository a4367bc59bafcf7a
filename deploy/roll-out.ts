/**
 * The order of every deployment, into AWS and into the local stack: what the workers stand on, then
 * the registry, then the workers (decisions 1 and 2). Of these Python goes first: the
 * TypeScript service depends on it in the stack itself (`infra/stacks/worker.ts`).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Steps {
  /** Returns when all of these stacks are up. Throws when one of them is not. */
  readonly deployStacks: (names: readonly string[]) => Promise<void>;
  /** Puts the Python worker's manifest into the registry. */
  readonly publish: () => Promise<void>;
}

/** Throws what a step throws; no later step is taken then. */
export async function rollOut(assembly: string, { deployStacks, publish }: Steps): Promise<void> {
  const names = stacksOf(assembly);
  const workers = names.filter((name) => name.endsWith("-worker"));
  const groundwork = names.filter((name) => !workers.includes(name));

  await deployStacks(groundwork);
  await publish();
  await deployStacks(workers);
}

/** Names of the stacks that `cdk synth` wrote into the directory. */
export function stacksOf(assembly: string): string[] {
  const { artifacts } = JSON.parse(readFileSync(join(assembly, "manifest.json"), "utf8")) as {
    artifacts: Record<string, { type: string }>;
  };
  return Object.entries(artifacts)
    .filter(([, { type }]) => type === "aws:cloudformation:stack")
    .map(([name]) => name);
}
