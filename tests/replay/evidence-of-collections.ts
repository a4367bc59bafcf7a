/** What a collection says: in words, since it has no codes of its own. */
import type { Story } from "./evidence.ts";
import type { Change } from "./odd-gateway.ts";
import { collected, type Scene } from "./scene.ts";

const MORE_THAN_COLUMNS = 300;
const WORDS: Readonly<Record<string, RegExp>> = {
  FIELDS_IN_RAW: /custom fields have no column of their own/,
  ENTRY_INVALID: /entr(y|ies)/,
};

const withEntries =
  (entries: readonly unknown[]): Change =>
  ({ body }) => ({ body: JSON.stringify([...(JSON.parse(body) as unknown[]), ...entries]) });

const aField = (number: number) => ({
  id: `customfield_${number}`,
  name: `Field ${number}`,
  custom: true,
  schema: { type: "string" },
});

/** Collects again, and takes the code of the words that it says. */
async function saying(scene: Scene, code: string): Promise<void> {
  const { warnings } = await collected(scene);
  const found = warnings.find((warning) => WORDS[code]?.test(warning));
  if (found) scene.said.set(code, found);
}

export const collectionStories: readonly Story[] = [
  {
    name: "many_fields",
    says: ["FIELDS_IN_RAW"],
    act: async (scene) => {
      const fields = Array.from({ length: MORE_THAN_COLUMNS }, (_, n) => aField(20_000 + n));
      scene.gateway.odd("/field", withEntries(fields));
      await saying(scene, "FIELDS_IN_RAW");
    },
  },
  {
    name: "odd_entries",
    says: ["ENTRY_INVALID"],
    act: async (scene) => {
      scene.gateway.odd("/field", withEntries([null, { name: "of no id" }]));
      await saying(scene, "ENTRY_INVALID");
    },
  },
];
