import type { Person, Project } from "./site.ts";

/** Links lead to it, the account may not see it, and no answer ever lists it. */
export const HIDDEN_KEY = "VAULT";

/**
 * Share of the issues that each project gets. The key `END` is a reserved word of JQL: it must be
 * quoted there.
 */
export const PROJECT_SHARES: readonly (readonly [key: string, share: number])[] = [
  ["ATLAS", 0.5],
  ["BEACON", 0.3],
  ["OPS2", 0.15],
  ["END", 0.05],
];

export function generateProjects(people: readonly Person[]): Project[] {
  const [, first, second] = people;

  return [
    {
      id: 10_000,
      key: "ATLAS",
      name: "Atlas",
      typeKey: "software",
      simplified: false,
      ...(first && { lead: first }),
      description: "The map of everything.",
      category: { id: "10000", name: "Products", description: "What customers see" },
    },
    {
      id: 10_002,
      key: "BEACON",
      name: "Beacon",
      typeKey: "software",
      simplified: true,
      ...(second && { lead: second }),
    },
    {
      id: 10_003,
      key: "OPS2",
      name: "Operations",
      typeKey: "service_desk",
      simplified: false,
      description: "",
    },
    { id: 10_007, key: "END", name: "Endurance", typeKey: "business", simplified: false },
  ];
}
