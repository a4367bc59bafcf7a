/** What the CDK command line runs, for `npm run deploy -- -c env=dev` (`deploy/deploy.ts`). */
import { App } from "aws-cdk-lib";
import { environmentOf } from "./environments.ts";
import { inlet } from "./inlet.ts";

const name: unknown = new App().node.tryGetContext("env") ?? "dev";
inlet(environmentOf(String(name)));
