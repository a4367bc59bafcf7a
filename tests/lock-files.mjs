// Every dependency of both languages is pinned with a hash, and no lock file names a registry's
// host.
import { readFileSync } from "node:fs";

const problems = [];
const npmLock = readFileSync("package-lock.json", "utf8");
if (/"resolved":\s*"https?:/.test(npmLock))
  problems.push("package-lock.json names a host: install with the repository's .npmrc");
for (const [path, entry] of Object.entries(JSON.parse(npmLock).packages)) {
  if (path.includes("node_modules/") && !entry.link && !entry.inBundle && !entry.integrity)
    problems.push(`package-lock.json: ${path} has no integrity`);
}
const locks = [
  ...["", "-dev", "-engines", "-tools", "-uv"].map(
    (part) => `python-worker/requirements${part}.txt`,
  ),
  ...["airbyte", "dlt"].map((peer) => `bench/peers/requirements-${peer}.txt`),
];
for (const file of locks) {
  const text = readFileSync(file, "utf8");
  if (/https?:\/\//.test(text)) problems.push(`${file} names a host`);
  for (const entry of text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => /^[a-z0-9]/i.test(line))) {
    if (!entry.includes("==") || !entry.includes("--hash="))
      problems.push(`${file}: ${entry.split(" ")[0]} is not pinned with a hash`);
  }
}
// Whatever else an environment has, it has what the worker needs, in the same version.
const versions = (part) => {
  const text = readFileSync(`python-worker/requirements${part}.txt`, "utf8");
  return new Set(text.match(/^[a-z0-9._-]+==[^\s;]+/gim));
};
for (const part of ["-dev", "-engines", "-tools"]) {
  const there = versions(part);
  const lacking = [...versions("")].filter((entry) => !there.has(entry));
  if (lacking.length > 0)
    problems.push(`python-worker/requirements${part}.txt lacks ${lacking.join(", ")}`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}
