import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TASK_QUEUE } from "../schemas/names.ts";
import { ENVIRONMENTS } from "./environments.ts";
import { ofType, resourcesOf } from "./templates-under-test.ts";
import { runMemoryBytes } from "./workers.ts";

const prod = resourcesOf("prod");
const local = resourcesOf("local");

describe("workers", () => {
  test("start at no tasks until Temporal is connected, and roll back", () => {
    const services = ofType(prod, "ECS::Service");
    expect(services).toHaveLength(2);
    for (const { Properties } of services) {
      expect(Properties.DesiredCount).toEqual({ "Fn::If": ["Connected", 2, 0] });
      expect(Properties.DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({
        Enable: true,
        Rollback: true,
      });
    }
  });

  test.each([
    { name: "prod", resources: prod },
    { name: "local", resources: local },
  ])(
    "in $name the TypeScript service waits until the Python service is stable",
    ({ resources }) => {
      const services = ofType(resources, "ECS::Service");
      const named = (name: string) => services.find(({ id }) => id.startsWith(name));
      const [python, typescript] = [named("PythonWorker"), named("TypeScriptWorker")];
      expect(typescript?.DependsOn).toContain(python?.id);
      expect(python?.DependsOn).not.toContain(typescript?.id);
    },
  );

  test("may work no run to death: their memory holds as many runs as they take", () => {
    for (const settings of ENVIRONMENTS) {
      const { runs, probes, memoryMib } = settings.pythonWorker;
      const runMib = runMemoryBytes(settings) / 2 ** 20;
      expect(runMib, settings.name).toBeGreaterThanOrEqual(1024);
      expect(runMib * (runs + probes / 4), settings.name).toBeLessThan(memoryMib);
    }
  });

  test("leave to others what one tenant's tests and collections cannot take", () => {
    for (const { name, pythonWorker, defaultQuotas } of ENVIRONMENTS) {
      expect(defaultQuotas.runningProbes, name).toBeLessThan(pythonWorker.probes);
      expect(pythonWorker.runs, name).toBeGreaterThanOrEqual(2);
    }
  });

  test("scale on each of their queues, and tell of each that waits", () => {
    for (const queue of Object.values(TASK_QUEUE)) {
      const alarms = ofType(prod, "CloudWatch::Alarm").filter((alarm) =>
        JSON.stringify(alarm).includes(`"${queue}"`),
      );
      expect(alarms.map(({ Properties }) => Properties.Threshold).sort(), queue).toEqual([0, 1]);
    }
  });

  test("local ones need neither NAT gateway nor address", () => {
    expect(ofType(local, "EC2::NatGateway")).toEqual([]);
    expect(ofType(local, "EC2::EIP")).toEqual([]);
    expect(ofType(prod, "EC2::NatGateway")).toHaveLength(2);
  });
});

test("each worker has its Dockerfile", () => {
  for (const name of ["worker", "python-worker"]) {
    expect(existsSync(join(import.meta.dirname, `../deploy/${name}.Dockerfile`)), name).toBe(true);
  }
});
