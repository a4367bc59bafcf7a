/** What `cdk synth` makes of an environment, for tests that hold the running code to it. */
export interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties are JSON of any shape.
  readonly Properties: any;
}

interface Synthesis {
  readonly resourcesOf: (environment: string) => Resource[];
  readonly ofType: (resources: readonly Resource[], type: string) => Resource[];
}

/** By name: `infra/` is checked by rules of its own, since CDK's types do not keep to ours. */
const INFRA = "../../infra/templates-under-test.ts";

export const { resourcesOf, ofType } = (await import(INFRA)) as Synthesis;
