/**
 * The knowledge base on a whole stack: runs that enrich it, the graph that the stream keeps, and
 * what strangers see.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "../../schemas/artifact.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { KbLineage, KbNode } from "../../schemas/knowledge-node.ts";
import { GetKbLineage, ListKbNodes } from "../../schemas/operations/knowledge.ts";
import { ListRunArtifacts } from "../../schemas/operations/runs.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import { aCollectedEndpoint, aName, runUnit } from "../stage/stack/endpoint.ts";
import { admin, stranger } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";
import { until } from "../stage/stack/until.ts";

const ISSUES = 60;
/** The stream is read within a second; a busy machine takes its time. */
const PROJECTED_WITHIN_SECONDS = 60;
const ENTITIES = {
  "jira.issues": "issue",
  "jira.users": "person",
  "jira.projects": "project",
} as const;
const UNITS = Object.keys(ENTITIES) as (keyof typeof ENTITIES)[];

describe("the knowledge base", () => {
  let site: Site;
  let endpoint: Endpoint;
  let artifact: Artifact;
  beforeAll(async () => {
    site = await aSite({ issues: ISSUES });
    endpoint = await aCollectedEndpoint(site, aName("kb"));
    const landed = await runUnit(endpoint, "jira.projects");
    const path = { runId: landed.runId };
    artifact = (await admin().call(ListRunArtifacts, { path })).items[0] as Artifact;
    for (const unitId of UNITS) await configure(unitId);
  });
  afterAll(() => site.stop());

  const configure = (unitId: string) =>
    admin().call(PutUnitConfig, {
      path: { endpointId: endpoint.endpointId, unitId },
      body: { sinkId: "kb" },
    });

  const nodes = (entityType: KbNode["entityType"]) =>
    admin().all(ListKbNodes, {
      query: { entityType, scope: endpoint.endpointId, limit: 100 },
    });

  const truth = async (unit: string) => {
    const answer = await fetch(`${site.url}/__control/truth?unit=${unit}`);
    return ((await answer.json()) as { values: { id: string }[] }).values.map(({ id }) => id);
  };
  const lineage = (logicalId: string, direction: KbLineage["direction"]) =>
    admin().call(GetKbLineage, { path: { logicalId }, query: { direction } });
  const types = ({ nodes }: KbLineage) => new Set(nodes.map(({ entityType }) => entityType));

  it("has every issue, person and project of the site once, after a run of each", async () => {
    for (const unitId of UNITS) {
      const run = await runUnit(endpoint, unitId);
      expect([unitId, run.status, run.error]).toEqual([unitId, "COMPLETE", null]);
      expect(run.stats.read).toBe(
        run.stats.landed + run.stats.deduplicated + run.stats.quarantined,
      );
      expect(run.evidence.map(({ code }) => code)).toContain("ENRICHED");
      expect(await stagedObjects(run.runId)).toEqual([]);

      const known = (await nodes(`entity.${ENTITIES[unitId]}`)).map(({ logicalId }) => logicalId);
      const ids = await truth(unitId.slice("jira.".length));
      const wanted = ids.map((id) => `entity.${ENTITIES[unitId]}::${endpoint.endpointId}::${id}`);
      expect(known.toSorted()).toEqual(wanted.toSorted());
      expect(run.stats.landed).toBe(ids.length);
    }
  });

  it("relates issues to projects and people that it knows, and holds no bodies", async () => {
    const issues = await nodes("entity.issue");
    expect(issues).toHaveLength(ISSUES);
    const known = new Set(
      [...(await nodes("entity.project")), ...(await nodes("entity.person"))].map(
        (n) => n.logicalId,
      ),
    );
    const related = issues.flatMap(({ edges }) =>
      edges.filter(({ type }) => type === "IN_PROJECT"),
    );
    expect(related).toHaveLength(ISSUES);
    for (const { target } of related) expect(known).toContain(target);

    const people = issues.flatMap(({ edges }) =>
      edges.filter(({ type }) => /^(ASSIGNED_TO|REPORTED_BY)$/.test(type)),
    );
    expect(people.length).toBeGreaterThan(0);
    for (const { payload } of issues) expect(payload).not.toHaveProperty("description");
  });

  it("gains nothing by a second run of an unchanged site", async () => {
    const before = await nodes("entity.issue");
    for (const unitId of UNITS) {
      const { status, stats } = await runUnit(endpoint, unitId);
      expect([unitId, status, stats.landed]).toEqual([unitId, "COMPLETE", 0]);
      expect([stats.deduplicated, stats.unchanged]).toEqual([stats.read, stats.read]);
    }
    expect(await nodes("entity.issue")).toEqual(before);
  });

  it("takes exactly the issues that changed meanwhile", async () => {
    const { ids } = await site.control("touch", { count: 5 });
    const { stats } = await runUnit(endpoint, "jira.issues");
    expect([stats.landed, stats.updated]).toEqual([new Set(ids).size, new Set(ids).size]);
    expect(await nodes("entity.issue")).toHaveLength(ISSUES);
  });

  it("answers in one call where a table came from", async () => {
    const root = `artifact::${endpoint.endpointId}::${artifact.artifactId}`;
    const found = await until("the artifact's lineage", PROJECTED_WITHIN_SECONDS, async () => {
      const answer = await lineage(root, "upstream");
      return types(answer).size === 6 && answer;
    });
    const types6 = [
      "artifact",
      "ingestion.run",
      "sink",
      "ingestion.unit",
      "catalog.dataset",
      "endpoint",
    ];

    expect(types(found)).toEqual(new Set(types6));
    expect(found.nodes.find(({ entityType }) => entityType === "endpoint")).toMatchObject({
      payload: { sourceSystem: { vendor: "jira" } },
    });
    expect(found.truncated).toBe(false);
  });

  it("answers in one call what an endpoint feeds", async () => {
    const found = await lineage(`endpoint::${endpoint.endpointId}`, "downstream");
    const ids = found.nodes.map(({ logicalId }) => logicalId);
    expect(ids).toContain(`artifact::${endpoint.endpointId}::${artifact.artifactId}`);
    expect(ids).toContain(`sink::${artifact.sinkId}`);
    for (const unitId of UNITS)
      expect(ids).toContain(`ingestion::${endpoint.endpointId}::${unitId}`);
  });

  it("says why comments cannot enrich it", async () => {
    const refused = configure("jira.comments");
    await expect(refused).rejects.toMatchObject({ problem: { code: "CONFIG_INVALID" } });
  });

  it("answers another tenant's node as an unknown one", async () => {
    const [{ logicalId } = { logicalId: "" }] = await nodes("entity.issue");
    for (const path of [logicalId, `${logicalId}/lineage`, "entity.issue::ep_none::1"]) {
      const { status, text } = await stranger().send("GET", `/kb/nodes/${path}`);
      expect(status).toBe(404);
      expect(JSON.parse(text)).toMatchObject({ code: "NOT_FOUND" });
    }
    const query = { scope: endpoint.endpointId };
    const { items } = await stranger().call(ListKbNodes, { query });
    expect(items).toEqual([]);
  });
});
