/**
 * What a piece of work published in CloudWatch's embedded metric format, read from what it printed.
 */
import { vi } from "vitest";

export interface Published {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

interface EmbeddedMetrics {
  readonly _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  readonly [name: string]: unknown;
}

/**
 * The metrics that `work` published, each under each of its sets of dimensions. Call
 * `vi.unstubAllEnvs()` afterwards.
 */
export async function publishedMetrics(work: () => unknown): Promise<Published[]> {
  vi.stubEnv("INLET_METRICS", "");
  const lines: string[] = [];
  const write = vi
    .spyOn(process.stdout, "write")
    .mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    await work();
  } finally {
    write.mockRestore();
    vi.stubEnv("INLET_METRICS", "off");
  }
  return lines.flatMap((line) => read(line));
}

function read(line: string): Published[] {
  if (!line.startsWith('{"_aws"')) return [];
  const printed = JSON.parse(line) as EmbeddedMetrics;
  const { CloudWatchMetrics } = printed._aws;
  return CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((set) => {
      const dimensions = Object.fromEntries(set.map((name) => [name, String(printed[name])]));
      return Metrics.map(({ Name }) => ({ name: Name, dimensions, value: Number(printed[Name]) }));
    }),
  );
}
