import { afterEach, expect, it, vi } from "vitest";
import { publishMetrics } from "./metrics.ts";

afterEach(() => vi.unstubAllEnvs());

it("figures are one line of the embedded metric format, each under all dimensions", () => {
  vi.stubEnv("INLET_METRICS", "");
  const lines: string[] = [];
  const write = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((line) => lines.push(String(line)) > 0);
  publishMetrics(
    { Runs: [1, "Count"], RunSeconds: [1.5, "Seconds"] },
    { connector: "jira", outcome: "FAILED" },
  );
  vi.stubEnv("INLET_METRICS", "off");
  publishMetrics({ Runs: [1, "Count"] }, { outcome: "FAILED" });
  write.mockRestore();

  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
  const { _aws, ...rest } = JSON.parse(lines[0] ?? "");
  expect(rest).toEqual({ connector: "jira", outcome: "FAILED", Runs: 1, RunSeconds: 1.5 });
  expect(_aws.Timestamp).toBeTypeOf("number");
  expect(_aws.CloudWatchMetrics).toEqual([
    {
      Namespace: "Inlet",
      Dimensions: [["connector", "outcome"]],
      Metrics: [
        { Name: "Runs", Unit: "Count" },
        { Name: "RunSeconds", Unit: "Seconds" },
      ],
    },
  ]);
});
