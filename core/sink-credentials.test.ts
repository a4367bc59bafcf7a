import { describe, expect, it } from "vitest";
import { Manifest } from "../schemas/connector.ts";
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import { checkSinkCredentials, roleOf } from "./sink-credentials.ts";
import { sinkTrust } from "./sink-trust.ts";

const typeOf = (named: string) =>
  Manifest.parse(manifest).connectors.find(({ name }) => name === named) ?? expect.unreachable();
const files = typeOf("files.parquet");
const prod = { environment: "prod", account: "999999999999" };
const own = { location: "s3://acme-lake/x" };
const compatible = { ...own, endpointUrl: "https://s3.example" };
const role = { authType: "aws_role", secret: { roleArn: "arn:aws:iam::111122223333:role/inlet" } };
const keys = {
  authType: "aws_keys",
  secret: { accessKeyId: "AKIA", secretAccessKey: "s".repeat(20) },
};
const ofOurs = {
  authType: "aws_role",
  secret: { roleArn: "arn:aws:iam::999999999999:role/deploy" },
};
type Given = Parameters<typeof checkSinkCredentials>[2];

const fields = (
  config: Record<string, unknown>,
  credentials: Given,
  platform = prod,
  type = files,
): string[] => {
  try {
    checkSinkCredentials(type, config, credentials, platform);
    return [];
  } catch (error) {
    const { errors } = (error as { details: { errors: { path: string }[] } }).details;
    return errors.map(({ path }) => path);
  }
};

describe("credentials of a sink", () => {
  it.each<[string, Record<string, unknown>, Given, string[]]>([
    ["none, for the environment's own lake", {}, undefined, []],
    ["none may be given for it", {}, role, ["credentials"]],
    ["a role, for AWS's own S3", own, role, []],
    ["keys, for another S3", compatible, keys, []],
    ["they are required for a place of one's own", own, undefined, ["credentials"]],
    [
      "and for another S3, which is never asked as ourselves",
      compatible,
      undefined,
      ["credentials"],
    ],
    ["keys do not open AWS's own S3", own, keys, ["credentials.authType"]],
    ["a role's keys are sent to no other S3", compatible, role, ["credentials.authType"]],
    ["no role of our own account", own, ofOurs, ["credentials.secret.roleArn"]],
    [
      "no profile",
      own,
      { authType: "profile", secret: { profile: "x" } },
      ["credentials.authType"],
    ],
    [
      "no external id of one's choice",
      own,
      { ...role, secret: { ...role.secret, externalId: "x" } },
      ["credentials.secret.externalId"],
    ],
    [
      "no user",
      own,
      { ...role, secret: { roleArn: "arn:aws:iam::111122223333:user/x" } },
      ["credentials.secret.roleArn"],
    ],
  ])("%s", (_, config, credentials, expected) => {
    expect(fields(config, credentials)).toEqual(expected);
  });

  it("are left out on one machine", () => {
    expect(fields(own, undefined, { ...prod, environment: "local" })).toEqual([]);
  });

  it("outside AWS are those that the sink type names, or none", () => {
    const config = { url: "https://knox.acme.example/gateway/default", path: "/data/inlet" };
    const given = (authType: string, secret: Record<string, string>) =>
      fields(config, { authType, secret }, prod, typeOf("hdfs.parquet"));

    expect(fields(config, undefined, prod, typeOf("hdfs.parquet"))).toEqual([]);
    expect(given("delegation_token", { token: "t".repeat(40) })).toEqual([]);
    expect(given("basic", { username: "inlet", password: "p" })).toEqual([]);
    expect(given("basic", { username: "inlet" })).toEqual(["credentials.secret.password"]);
    expect(given("aws_role", role.secret)).toEqual(["credentials.authType"]);
  });

  it("name a role, or none", () => {
    expect([roleOf(role), roleOf(keys)]).toEqual([role.secret.roleArn, null]);
  });
});

describe("what a tenant's role must trust", () => {
  it("is our account, with an external id of the tenant's own", () => {
    expect(sinkTrust(prod, "acme")).toEqual({
      principal: "arn:aws:iam::999999999999:root",
      externalId: "inlet/prod/acme",
    });
    const ids = ["acme", "Acme", "acme.x"].map((tenantId) => sinkTrust(prod, tenantId).externalId);
    expect(new Set(ids).size).toBe(3);
  });
});
