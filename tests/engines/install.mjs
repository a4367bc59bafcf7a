// What the engines' tests need beside what `npm test` needs: servers from the system, Python extras
// in an environment of their own, so that the core tests never see them, and Java archives.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { once, root, run, stop } from "../../local/bootstrap.mjs";

export const venv = join(root, ".venv-engines");
const REQUIREMENTS = "python-worker/requirements-engines.txt";
const JARS = ".local/engines/jars";

/** @type {[name: string, where: string[], debian: string][]} */
const SYSTEM = [
  ["java", ["/usr/bin/java"], "openjdk-17-jre-headless"],
  ["mvn", ["/usr/bin/mvn"], "maven"],
  ["mariadbd", ["/usr/sbin/mariadbd"], "mariadb-server"],
  ["initdb", ["15", "16", "17"].map((at) => `/usr/lib/postgresql/${at}/bin/initdb`), "postgresql"],
];

/** Installs what is missing. Ends the process with what to do where the machine lacks something. */
export function installEngines(log = (line) => console.error(line)) {
  installServers(log);

  once(".venv-engines", [REQUIREMENTS], () => {
    log("Installing pandas, DuckDB and Spark…");
    rmSync(venv, { recursive: true, force: true });
    run(".venv/bin/uv", ["venv", "-q", "--python", ".venv/bin/python", ".venv-engines"]);
    const python = ["--python", ".venv-engines/bin/python"];
    run(".venv/bin/uv", [
      "pip",
      "install",
      "-q",
      "--compile-bytecode",
      ...python,
      "--require-hashes",
      "-r",
      REQUIREMENTS,
    ]);
  });

  for (const engine of ["spark", "hdfs"]) {
    const pom = `tests/engines/${engine}/pom.xml`;
    once(`${JARS}/${engine}`, [pom], () => {
      log(`Fetching the Java archives of ${engine}…`);
      rmSync(join(root, JARS, engine), { recursive: true, force: true });
      mkdirSync(join(root, JARS), { recursive: true });
      run("mvn", [
        "-q",
        "-B",
        "-f",
        pom,
        "dependency:copy-dependencies",
        `-DoutputDirectory=${join(root, JARS, engine)}`,
        "-DexcludeArtifactIds=slf4j-reload4j,reload4j", // two loggers would quarrel
      ]);
    });
  }
}

function installServers(log) {
  const lacks = SYSTEM.filter(([name, places]) => !isThere(name, places)).map(([, , name]) => name);
  if (lacks.length === 0) return;

  const line = `apt-get install -y --no-install-recommends ${lacks.join(" ")}`;
  if (process.getuid?.() !== 0 || !isThere("apt-get", [])) {
    stop(
      `The engines' tests need ${lacks.join(", ")}: \`${line}\`, or what your system calls them.`,
    );
  }
  log(`Installing ${lacks.join(", ")}…`);
  run("apt-get", ["-qq", "update"]);
  run("env", ["DEBIAN_FRONTEND=noninteractive", ...line.split(" ")]);
}

function isThere(name, places) {
  return places.some(existsSync) || spawnSync("which", [name]).status === 0;
}
