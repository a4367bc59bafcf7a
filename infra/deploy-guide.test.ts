/** docs/deploy.md names outputs and parameters of the stacks: each of them is there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { outputsOf, parametersOf, resourcesOf } from "./templates-under-test.ts";

const guide = readFileSync(join(import.meta.dirname, "../docs/deploy.md"), "utf8");
resourcesOf("dev");
resourcesOf("prod");

const outputs = [...guide.matchAll(/\boutput ([a-z]+) (\w+)\)?/g)].map(([, stack, key]) => ({
  stack,
  key,
}));
const parameters = [...guide.matchAll(/--parameters (inlet-(?:dev|prod)-[a-z]+):(\w+)=/g)].map(
  ([, stack, name]) => ({
    stack: stack ?? "",
    name: name ?? "",
  }),
);

it("reads outputs and parameters", () => {
  expect(outputs.length).toBeGreaterThan(5);
  expect(parameters.length).toBeGreaterThan(5);
});

it.each(outputs)("$stack gives out $key", ({ stack, key }) => {
  expect(outputsOf.get(`inlet-dev-${stack}`)).toContain(key);
});

it.each(parameters)("$stack takes $name", ({ stack, name }) => {
  expect(Object.keys(parametersOf.get(stack) ?? {})).toContain(name);
});
