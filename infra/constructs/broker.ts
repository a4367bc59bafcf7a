import { ArnFormat, type Stack } from "aws-cdk-lib";
import type { Environment } from "../environments.ts";
import type { Permission } from "./permissions.ts";

/** Named, so that stacks which invoke it need not be deployed after it. */
export const brokerName = ({ name }: Pick<Environment, "name">) =>
  `inlet-${name}-credential-broker`;

/** Asks the broker for credentials: it answers only to a grant (decision 26). */
export function invokeBroker(settings: Pick<Environment, "name">, stack: Stack): Permission {
  const arn = stack.formatArn({
    service: "lambda",
    resource: "function",
    resourceName: brokerName(settings),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { actions: ["lambda:InvokeFunction"], resources: [arn] };
}
