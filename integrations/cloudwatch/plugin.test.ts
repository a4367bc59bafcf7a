import { describe, expect, test } from "vitest";
import type { PluginMethod } from "../plugin.ts";
import { aCredential, describePlugin } from "../plugin-under-test.ts";
import { cloudwatch } from "./plugin.ts";

const KEYS = ["accessKeyId", "secretAccessKey"];

describePlugin({
  plugin: cloudwatch,
  sites: [
    {
      config: { region: "eu-central-1", endpointUrl: "https://aws.example.net" },
      base: "https://aws.example.net/",
    },
  ],
  credentials: [aCredential("awsKeys", KEYS), aCredential("awsRole", [...KEYS, "sessionToken"])],
});

describe("an address of AWS", () => {
  const alarms = { ...methodOf("describeAlarms"), params: {} };
  const logs = { ...methodOf("filterLogEvents"), params: { logGroup: "/shop" } };

  test.each([
    ["eu-central-1", alarms, "https://monitoring.eu-central-1.amazonaws.com/"],
    ["us-gov-west-1", logs, "https://logs.us-gov-west-1.amazonaws.com/"],
    ["cn-north-1", logs, "https://logs.cn-north-1.amazonaws.com.cn/"],
  ])("of %s is the region's own", (region, { request, params }, url) => {
    expect(request(params, { config: { region } }).url).toBe(url);
  });

  test.each(["evil.example/", "eu-central-1.evil.example", "eu-1#", ""])(
    "cannot be reached by the region %j",
    (region) => {
      const make = () => alarms.request({}, { config: { region } });
      expect(make).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    },
  );
});

function methodOf(name: string): PluginMethod {
  return cloudwatch.methods.find(({ method }) => method.name === name) as PluginMethod;
}
