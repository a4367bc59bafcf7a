import { expect, it } from "vitest";
import { sourceSystemId } from "./source-system-id.ts";

const aSite = { vendor: "jira", baseUrl: "https://acme.example", siteId: null, title: null };

it("a site is one, by whichever of its addresses and names it is reached", () => {
  const id = sourceSystemId(aSite);
  expect(id).toMatch(/^src_[0-9a-f]{26}$/);
  expect(sourceSystemId({ ...aSite, baseUrl: "https://ACME.example/", title: "Acme" })).toBe(id);
  const gateway = {
    ...aSite,
    siteId: "cloud-1",
    baseUrl: "https://gateway.example/ex/jira/cloud-1",
  };
  expect(sourceSystemId({ ...aSite, siteId: "cloud-1" })).toBe(sourceSystemId(gateway));
});

it("sites that differ in vendor, id or address are several", () => {
  const sites = [
    aSite,
    { ...aSite, vendor: "github" },
    { ...aSite, siteId: "cloud-1" },
    { ...aSite, siteId: "cloud-2" },
    { ...aSite, baseUrl: "https://other.example" },
  ];
  expect(new Set(sites.map(sourceSystemId)).size).toBe(sites.length);
});
