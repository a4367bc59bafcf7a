/** The arrows of the rooms: an import may only point left (docs/design/rooms.md). */
const ROOMS = ["schemas", "core", "adapters", "integrations", "functions", "worker"];
const LEFT_OF = {
  schemas: [],
  core: ["schemas"],
  adapters: ["schemas", "core"],
  integrations: ["schemas", "core", "adapters"],
  functions: ["schemas", "core", "adapters", "integrations"],
  worker: ["schemas", "core", "adapters", "integrations"],
};
const INFRASTRUCTURE =
  "node_modules/(@aws-sdk|@temporalio|@aws-lambda-powertools|@middy|aws-cdk-lib)/";
const TEST = "\\.test\\.ts$";

const notLeftOf = (room) =>
  [...ROOMS, "infra", "local", "bench", "tests"].filter(
    (other) => other !== room && !LEFT_OF[room].includes(other),
  );

module.exports = {
  forbidden: [
    ...ROOMS.map((room) => ({
      name: `${room}-points-left`,
      severity: "error",
      from: { path: `^${room}/`, pathNot: TEST },
      to: { path: `^(${notLeftOf(room).join("|")})/` },
    })),
    {
      name: "client-knows-the-contract-only",
      severity: "error",
      from: { path: "^client/", pathNot: TEST },
      to: { pathNot: "^(client|schemas)/|^node_modules/zod/" },
    },
    {
      name: "cli-knows-the-client-and-the-contract-only",
      severity: "error",
      from: { path: "^cli/" },
      to: {
        path: `^(${[...ROOMS.slice(1), "infra", "local", "console", "bench", "tests"].join("|")})/`,
      },
    },
    {
      name: "the-deployed-rooms-do-not-call-the-api",
      severity: "error",
      from: { path: `^(${ROOMS.join("|")}|infra)/`, pathNot: TEST },
      to: { path: "^client/" },
    },
    {
      name: "nothing-imports-the-cli",
      severity: "error",
      from: { pathNot: "^cli/" },
      to: { path: "^cli/" },
    },
    {
      name: "core-and-schemas-are-pure",
      comment: "No AWS, no Temporal, no file system, no environment in the pure rooms.",
      severity: "error",
      from: { path: "^(schemas|core)/", pathNot: `${TEST}|^schemas/generate` },
      to: { path: `${INFRASTRUCTURE}|^(node:)?(fs|net|http|https|child_process|os|process)(/|$)` },
    },
    {
      name: "only-adapters-know-our-infrastructure",
      comment: "Delete adapters/ and only deps files may break.",
      severity: "error",
      from: { path: "^(functions|integrations)/", pathNot: TEST },
      to: { path: "node_modules/(@aws-sdk|@temporalio)/" },
    },
    {
      name: "infra-imports-no-runtime-code",
      severity: "error",
      from: { path: "^infra/", pathNot: TEST },
      to: {
        path: "^(core|adapters|integrations|functions|worker|local)/|^schemas/(?!names\\.ts|json/)",
      },
    },
    {
      name: "workflows-stay-deterministic",
      severity: "error",
      from: { path: "^worker/workflows/", pathNot: TEST },
      to: {
        path: [
          "^(adapters|worker/activities|worker/main|worker/env)",
          "^(node:)?(fs|crypto|net|child_process)$",
        ],
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(cdk\\.out|\\.local|\\.venv)/" },
    parser: "swc",
    detectJSDocImports: false,
    enhancedResolveOptions: { extensions: [".ts", ".mjs", ".js"] },
  },
};
