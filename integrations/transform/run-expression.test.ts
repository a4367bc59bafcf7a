import * as fc from "fast-check";
import jsonata from "jsonata";
import { describe, expect, it } from "vitest";
import { DomainError } from "../../schemas/errors.ts";
import { checkExpression, evaluate } from "./run-expression.ts";

const PATIENT = { timeoutMs: 5_000 };
const POISON = `({} ~> |$average|{"implementation": function($x){ $$.secret }}|; $average([1]))`;

describe("an expression", () => {
  it("makes its output of its input", async () => {
    const input = { issue: { key: "ACME-7", fields: { labels: ["a", "b"] } } };
    const expression = '{"id": issue.key, "labels": $join(issue.fields.labels, ",")}';
    expect(await evaluate(expression, input)).toEqual({ id: "ACME-7", labels: "a,b" });
  });

  it("answers null where it finds nothing", async () => {
    expect(await evaluate("missing.part", {})).toBeNull();
  });

  it("sees a list as one input", async () => {
    expect(await evaluate("$count($)", [1, 2, 3])).toBe(3);
  });

  it("has the instant of the call as its time", async () => {
    const now = new Date("2026-11-30T08:00:00.120Z");
    const output = await evaluate('[$now(), $string($millis()), $now("[Y]")]', {}, { now });
    expect(output).toEqual([now.toISOString(), String(now.getTime()), "2026"]);
  });

  it("takes base64 of a text's UTF-8", async () => {
    expect(await evaluate('$base64encode("ü")', {})).toBe("w7w=");
    expect(await evaluate('$base64decode("w7w=")', {})).toBe("ü");
  });

  it.each([
    ["1 +", "Unexpected end of expression (at character 3)"],
    ["a.$eval(b)", "$eval is not available: write the expression out (at character 7)"],
    ["$match(a, /(x+)+y/)", "The pattern /(x+)+y/ repeats a group that matches in several ways"],
  ])("%s is refused with the place of its fault", async (expression, message) => {
    const refusal = expect.objectContaining({
      code: "VALIDATION_ERROR",
      details: { errors: [{ path: "expression", message: expect.stringContaining(message) }] },
    });
    await expect(evaluate(expression, {})).rejects.toEqual(refusal);
    await expect(checkExpression(expression)).rejects.toEqual(refusal);
  });

  it.each(["$number(secret)", "1 + secret", "secret()", '{secret: 1, secret: 2, "x": 1/secret}'])(
    "%s fails without a word of its input",
    async (expression) => {
      const failure = await refusalOf(expression, { secret: "canary-4711" });
      expect(failure).toMatchObject({ code: "TRANSFORM_FAILED" });
      expect(failure.message + JSON.stringify(failure.details)).not.toContain("canary");
    },
  );

  it("says with its own words why it ends", async () => {
    await expect(evaluate('$error("There is no key.")', {})).rejects.toThrow("There is no key.");
  });

  it.each([
    ["TIME", "($f := function($x){ $f($x) }; $f(1))"],
    ["TIME", '$match($pad("a", 300000, "a"), /a+b/)'],
    ["DEPTH", "($f := function($x){ 1 + $f($x) }; $f(1))"],
    ["SEQUENCE", "[1..n]"],
    ["OUTPUT", '$pad("x", 2000)'],
  ])("says that it hit the cap %s", async (cap, expression) => {
    const caps = { timeoutMs: 1_000, maxOutputBytes: 1_000 };
    await expect(evaluate(expression, { n: 1e9 }, caps)).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      details: { cap },
    });
  });

  it("that fills the heap ends its child, and says so", async () => {
    const filling =
      '$reduce([1..99999], function($a, $i){ $append($a, $pad("x", 5000) & $i) }, [])';
    await expect(evaluate(filling, {}, PATIENT)).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      details: { cap: expect.stringMatching(/MEMORY|TIME/) },
    });
  });
});

describe("what one tenant's expression does", () => {
  it("could change JSONata's own functions for all who come later", async () => {
    await jsonata(POISON).evaluate({ secret: "of tenant A" });
    expect(await jsonata("$average([1, 3])").evaluate({})).toBe("of tenant A");
  });

  it("is not there for the next one", async () => {
    expect(await evaluate(POISON, { secret: "of tenant A" })).toBe("of tenant A");
    expect(await evaluate("$average([1, 3])", {})).toBe(2);
  });

  it("is not in its error either", async () => {
    await evaluate("($tenantA := $sum; $tenantA([1]))", {});
    const failure = await refusalOf('$map(["x"], $sum)', {});
    expect(failure.message).not.toContain("tenantA");
  });

  it("does not wait behind what another does in vain", async () => {
    const slow = evaluate("($f := function($x){ $f($x) }; $f(1))", {}, PATIENT).catch(
      (e) => e.code,
    );
    expect(await evaluate("1 + 1", {}, PATIENT)).toBe(2);
    expect(await slow).toBe("TRANSFORM_FAILED");
  });

  it("is refused when too many wait", async () => {
    const calls = Array.from({ length: 120 }, () => evaluate("1", {}, PATIENT));
    const ended = await Promise.allSettled(calls);
    const reasons = ended.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    expect(new Set(reasons)).toEqual(new Set(["WORKER_BUSY"]));
    expect(reasons.length).toBe(120 - 4 - 64);
  });
});

describe("a harmless expression", () => {
  const PATHS = ["a", "b.c", "list", "list.n", "list[n > 2]", "list[0].n", "missing", "$", "*"];
  const FORMS = [
    (p: string) => p,
    (p: string) => `$count(${p})`,
    (p: string) => `$string(${p})`,
    (p: string) => `{"k": ${p}, "again": [${p}]}`,
    (p: string) => `$exists(${p}) ? ${p} : "none"`,
    (p: string) => `$map(${p}, function($v, $i){ {"i": $i, "v": $v} })`,
    (p: string) => `$type(${p}) & "!"`,
    (p: string) => `$append(${p}, ${p})`,
    (p: string) => `$keys(${p})`,
    (p: string) => `$distinct(${p})`,
  ];

  it("answers in the child what JSONata answers", async () => {
    const input = fc.record({
      a: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      b: fc.record({ c: fc.jsonValue({ maxDepth: 2 }) }),
      list: fc.array(fc.record({ n: fc.integer({ max: 9, min: 0 }) }), { maxLength: 4 }),
    });

    await fc.assert(
      fc.asyncProperty(
        input,
        fc.constantFrom(...PATHS),
        fc.constantFrom(...FORMS),
        async (value, path, form) => {
          const plain = JSON.parse(JSON.stringify(value).replaceAll("__proto__", "_"));
          const direct = await jsonata(form(path)).evaluate(plain);
          const inChild = await evaluate(form(path), plain, PATIENT);
          expect(inChild).toEqual(JSON.parse(JSON.stringify(direct) ?? "null"));
        },
      ),
      { numRuns: 150 },
    );
  });
});

async function refusalOf(expression: string, input: unknown): Promise<DomainError> {
  const answer = await evaluate(expression, input).catch((error: unknown) => error);
  if (answer instanceof DomainError) return answer;
  throw new Error("It was not refused.");
}
