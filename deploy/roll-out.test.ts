import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rollOut } from "./roll-out.ts";

const assembly = mkdtempSync(join(tmpdir(), "inlet-assembly-"));
beforeAll(() => {
  const stack = { type: "aws:cloudformation:stack" };
  const artifacts = {
    "inlet-dev-data.assets": { type: "cdk:asset-manifest" },
    "inlet-dev-data": stack,
    "inlet-dev-worker": stack,
    "inlet-dev-api": stack,
    Tree: { type: "cdk:tree" },
  };
  writeFileSync(join(assembly, "manifest.json"), JSON.stringify({ artifacts }));
});
afterAll(() => rmSync(assembly, { recursive: true }));

const WORKER = "inlet-dev-worker";
const PUBLISH = "publish";

/** What was done of a deployment, in order; `refused` fails. */
async function stepsOf(refused?: string) {
  const done: string[] = [];
  const step = async (name: string) => {
    if (name === refused) throw new Error(`${name} was refused.`);
    done.push(name);
  };
  const rolled = rollOut(assembly, {
    deployStacks: async (names) => {
      for (const name of names) await step(name);
    },
    publish: () => step(PUBLISH),
  });
  return { error: await rolled.catch((error: Error) => error.message), done };
}

describe("a deployment", () => {
  it("deploys every stack once, the registry's manifest before the workers", async () => {
    const { done } = await stepsOf();
    expect(done).toEqual(["inlet-dev-data", "inlet-dev-api", PUBLISH, WORKER]);
  });

  it("leaves the workers as they are when the registry refuses the manifest", async () => {
    const { error, done } = await stepsOf(PUBLISH);
    expect(error).toBe("publish was refused.");
    expect(done).not.toContain(WORKER);
  });

  it("publishes nothing when a stack that the workers stand on fails", async () => {
    const { done } = await stepsOf("inlet-dev-data");
    expect(done).not.toContain(PUBLISH);
    expect(done).not.toContain(WORKER);
  });
});
