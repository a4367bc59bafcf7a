import { readFileSync } from "node:fs";

/**
 * What a JUnit report counts: a runner that died before writing one, or failed without a failing
 * test, is one failure.
 *
 * @param {string} report path of the XML
 * @param {boolean} exitedWell whether the runner itself said that all is well
 */
export function countOf(report, exitedWell) {
  let xml = "";
  try {
    xml = readFileSync(report, "utf8");
  } catch {}

  const sum = (attribute) =>
    [...xml.matchAll(new RegExp(`<testsuite [^>]*\\b${attribute}="(\\d+)"`, "g"))].reduce(
      (n, m) => n + Number(m[1]),
      0,
    );
  const failed = sum("failures") + sum("errors");

  return {
    passed: sum("tests") - failed - sum("skipped"),
    failed: failed === 0 && !exitedWell ? 1 : failed,
  };
}
