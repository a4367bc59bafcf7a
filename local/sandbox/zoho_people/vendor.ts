import { hashOfText } from "../site/truth.ts";
import type { Vendor } from "../site/vendor.ts";
import { recordRoutes, shown } from "./record-routes.ts";
import { refusals } from "./refusals.ts";
import { createState, type PeopleRecipe, type PeopleState, type Sandbox } from "./state.ts";
import { timeRoutes } from "./time-routes.ts";

/** Zoho People, with one account that has an access token. */
export function zohoPeople(recipe: PeopleRecipe, token: string): Vendor<PeopleState> {
  return {
    generate: () => createState(recipe),
    seenBy: (sandbox) => sandbox,
    api: /^\/people\/api(\/.*)$/,
    routes: [...recordRoutes, ...timeRoutes],
    edits: [],
    truth: { employee: rowsOf("employee"), leave: rowsOf("leave") },
    credentials: { authorization: `Zoho-oauthtoken ${token}`, open: new Set() },
    refusals,
  };
}

function rowsOf(form: string) {
  return ({ forms }: Sandbox) =>
    [...(forms.get(form)?.records.values() ?? [])].map((record) => ({
      id: record.id,
      updatedMs: record.modifiedMs,
      sha256: hashOfText(shown(record)),
    }));
}
