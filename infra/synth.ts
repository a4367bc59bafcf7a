/** `npm run synth`: every environment into cdk.out/<name>, checked by cdk-nag; fails on the first finding. */
import { ENVIRONMENTS } from "./environments.ts";
import { inlet } from "./inlet.ts";

/** What the local stack gives as context once it knows its ports. */
export const LOCAL_CONTEXT = {
  awsEndpointUrl: "http://localhost:4566",
  s3EndpointUrl: "http://127.0.0.1:4566",
  lakeCatalogFile: "/lake.db",
};

for (const settings of ENVIRONMENTS) {
  inlet(settings, { outdir: `cdk.out/${settings.name}`, context: LOCAL_CONTEXT }).synth();
}
