import { describe, expect, test } from "vitest";
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import { ofType, type Resource, resourcesOf } from "./templates-under-test.ts";

const prod = resourcesOf("prod");
const local = resourcesOf("local");

test("what a run staged outlives every policy that retains it for a replay", () => {
  const rules = ofType(prod, "S3::Bucket").flatMap(
    ({ Properties }) => Properties.LifecycleConfiguration?.Rules ?? [],
  );
  const { ExpirationInDays } = rules.find(({ Prefix }: { Prefix?: string }) => Prefix === "stg/");
  const policies = manifest.connectors.flatMap(({ units }) =>
    units.map(({ policySchema }) => policySchema.properties),
  );
  const days = policies.map(({ retainStagingDays }) => retainStagingDays.maximum);
  expect(days.length).toBeGreaterThan(0);
  for (const most of days) expect(ExpirationInDays).toBeGreaterThan(most);
});

describe("data", () => {
  test("no bucket is public, unencrypted or reachable without TLS", () => {
    const buckets = ofType(prod, "S3::Bucket");
    expect(buckets).toHaveLength(4);
    for (const { Properties } of buckets) {
      expect(Properties.BucketEncryption).toBeDefined();
      expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
    const denials = ofType(prod, "S3::BucketPolicy").map(({ Properties }) =>
      JSON.stringify(Properties.PolicyDocument),
    );
    expect(denials).toHaveLength(buckets.length);
    for (const policy of denials)
      expect(policy).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
  });

  test("staged objects expire and landed ones do not", () => {
    const rules = (bucket: string) =>
      ofType(prod, "S3::Bucket").find(({ id }) => id.startsWith(bucket))?.Properties
        .LifecycleConfiguration.Rules;
    expect(rules("Staging")).toEqual(
      expect.arrayContaining([expect.objectContaining({ Prefix: "stg/", ExpirationInDays: 8 })]),
    );
    expect(rules("Lake")).toHaveLength(1);
    expect(rules("Lake")[0]).not.toHaveProperty("ExpirationInDays");
  });

  test("what is kept is protected and can be restored; what is not, can be thrown away", () => {
    const table = (resources: Resource[], name: string) =>
      ofType(resources, "DynamoDB::Table").find(({ id }) => id.startsWith(name))?.Properties;
    for (const name of ["Control", "Events"]) {
      expect(table(prod, name)).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
      });
      expect(table(local, name)).toMatchObject({ DeletionProtectionEnabled: false });
    }
    for (const { Properties } of ofType(prod, "DynamoDB::Table")) {
      expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: "ttl", Enabled: true });
    }
    expect(table(prod, "Hot")).not.toHaveProperty("StreamSpecification");
  });

  test("streams bisect, report single failures, give up in time and keep what failed", () => {
    const mappings = ofType(prod, "Lambda::EventSourceMapping");
    expect(mappings).toHaveLength(4);
    for (const { Properties } of mappings) {
      expect(Properties).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        MaximumRetryAttempts: 5,
        DestinationConfig: { OnFailure: expect.anything() },
      });
    }
  });
});
