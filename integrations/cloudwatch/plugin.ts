import { INTERFACE_VERSION, type IntegrationPlugin } from "../plugin.ts";
import { awsRequest, signed } from "./aws-request.ts";
import { methods } from "./methods.ts";
import { refusal } from "./refusal.ts";

export const cloudwatch: IntegrationPlugin = {
  name: "cloudwatch",
  version: "1.0.0",
  interfaceVersion: INTERFACE_VERSION,
  methods,
  authorize: signed,
  probe: (config) => awsRequest("monitoring", "DescribeAlarms", config, { MaxRecords: 1 }),
  refusal,
};
