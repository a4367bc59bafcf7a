// Brings a fresh clone to the point where TypeScript and Python can run. Plain JavaScript for any
// Node from 20 on: nothing is installed yet when this runs. Everything comes from the two package
// registries; nothing else is downloaded.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const venv = join(root, ".venv");
const PYTHONS = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];
const OLDEST = { node: 20, python: "3.11" };

/** Hundreds of Python processes start here: each would compile a thousand files anew. */
export const COMPILED = { PYTHONDONTWRITEBYTECODE: "" };

/** An environment with the project's own Node 24 and Python first on PATH. */
export function toolEnvironment(extra = {}) {
  const path = [join(root, "node_modules/.bin"), join(venv, "bin"), process.env.PATH].join(":");
  return { ...process.env, ...COMPILED, PATH: path, VIRTUAL_ENV: venv, ...extra };
}

/**
 * Installs what is missing or older than its lock file. Ends the process with what to do when the
 * machine lacks something.
 */
export async function bootstrap(log = (line) => console.error(line)) {
  const node = Number(process.versions.node.split(".")[0]);
  if (node < OLDEST.node) {
    stop(
      `Inlet needs Node ${OLDEST.node} or newer, not ${process.versions.node}. ` +
        "Install a newer Node and run the command again.",
    );
  }
  once("node_modules", ["package-lock.json"], () => {
    log("Installing Node packages…");
    // No install scripts: every binary we need is shipped inside a package.
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  });
  if (!existsSync(join(root, "node_modules/.bin/node"))) {
    stop("No Node 24 package fits this machine: Inlet's local stack runs on Linux x64 and arm64.");
  }
  once(".venv", ["python-worker/requirements-dev.txt", "python-worker/requirements-uv.txt"], () => {
    const python = findPython();
    log(`Installing Python packages with ${python}…`);
    rmSync(venv, { recursive: true, force: true });
    run(
      python,
      ["-m", "venv", ".venv"],
      "Python's venv module is missing: on Debian and Ubuntu, `apt-get install python3-venv`.",
    );
    run(".venv/bin/pip", [
      "install",
      "-q",
      "--disable-pip-version-check",
      "--require-hashes",
      "-r",
      "python-worker/requirements-uv.txt",
    ]);
    const install = [
      "pip",
      "install",
      "-q",
      "--compile-bytecode",
      "--python",
      ".venv/bin/python",
      "--require-hashes",
      "-r",
      "python-worker/requirements-dev.txt",
    ];
    run(".venv/bin/uv", install);
  });
}

/** Runs `install` unless `target` was made from exactly these lock files. */
export function once(target, locks, install) {
  const hash = createHash("sha256");
  for (const lock of locks) hash.update(readFileSync(join(root, lock)));
  const stamp = join(root, ".local/installed", target);
  const wanted = hash.digest("hex");
  if (existsSync(join(root, target)) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted)
    return;
  install();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function findPython() {
  const asked = process.env.INLET_PYTHON;
  for (const python of asked ? [asked] : PYTHONS) {
    const oldest = OLDEST.python.replace(".", ", ");
    const check = `import sys; sys.exit(0 if sys.version_info >= (${oldest}) else 3)`;
    if (spawnSync(python, ["-c", check]).status === 0) return python;
  }
  const found = spawnSync(asked ?? "python3", ["--version"], { encoding: "utf8" });
  const seen = found.error
    ? `no ${asked ?? "python3"} was found`
    : `found ${(found.stdout || found.stderr).trim()}`;
  return stop(
    `Inlet needs Python ${OLDEST.python} or newer (${seen}). Install it, or name one: ` +
      "INLET_PYTHON=/path/to/python npm start",
  );
}

/** Runs a command to its end; ends the process with its last lines and a remedy where it fails. */
export function run(
  command,
  args,
  remedy = "See the lines above. Run the command again when the cause is mended.",
) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64e6,
  });
  if (status === 0) return;
  console.error(`${stdout ?? ""}${stderr ?? ""}`.slice(-4000));
  stop(
    `\`${command} ${args.slice(0, 3).join(" ")} …\` failed` +
      `${error ? `: ${error.message}` : ""}. ${remedy}`,
  );
}

/** @returns {never} */
export function stop(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
