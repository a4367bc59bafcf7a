/**
 * `npm run synth`: every environment into cdk.out/<name>, checked by cdk-nag; fails on the first
 * finding.
 */
import { ENVIRONMENTS } from "./environments.ts";
import { inlet } from "./inlet.ts";
import { LOCAL_CONTEXT } from "./local-context.ts";

for (const settings of ENVIRONMENTS) {
  inlet(settings, { outdir: `cdk.out/${settings.name}`, context: LOCAL_CONTEXT }).synth();
}
