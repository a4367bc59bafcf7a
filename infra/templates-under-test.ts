/** What an environment synthesises to, for the tests of this room. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll } from "vitest";
import { environmentOf } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties are JSON of any shape.
  readonly Properties: any;
  readonly DependsOn?: readonly string[];
}

export const outdir = mkdtempSync(join(tmpdir(), "inlet-synth-"));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** By the name of the stack. */
export const parametersOf = new Map<string, Record<string, { Default?: string }>>();

/** Names of the outputs, by the name of the stack. */
export const outputsOf = new Map<string, string[]>();

/** Synthesises with cdk-nag: a finding without a reason throws here. */
export function resourcesOf(name: string): Resource[] {
  const settings = environmentOf(name);
  const assembly: CloudAssembly = inlet(settings, {
    outdir: join(outdir, name),
    context: LOCAL_CONTEXT,
  }).synth();

  for (const { stackName, template } of assembly.stacks) {
    parametersOf.set(stackName, template.Parameters);
    outputsOf.set(stackName, Object.keys(template.Outputs ?? {}));
  }

  return assembly.stacks.flatMap(({ stackName: stack, template }) =>
    Object.entries(template.Resources as Record<string, Omit<Resource, "id" | "stack">>).map(
      ([id, resource]) => ({
        stack,
        id,
        ...resource,
      }),
    ),
  );
}

/** Resources of a type, without its `AWS::`. */
export const ofType = (resources: readonly Resource[], type: string) =>
  resources.filter(({ Type }) => Type === `AWS::${type}`);
