import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { INTERFACE_VERSION, type IntegrationPlugin, type VendorRequest } from "../plugin.ts";
import { secretValue, withAuthorization } from "../requests/authorization-header.ts";
import { methods } from "./methods.ts";
import { zohoPeopleOAuth2 } from "./oauth.ts";
import { peopleGet } from "./people-request.ts";
import { refusal } from "./refusal.ts";

export const zohoPeople: IntegrationPlugin = {
  name: "zoho_people",
  version: "1.0.0",
  interfaceVersion: INTERFACE_VERSION,
  methods,
  authorize,
  probe: (config) => peopleGet(config, "/forms"),
  oauth2: zohoPeopleOAuth2,
  refusal,
  // `ZOHOPEOPLE.forms.ALL` covers each operation on forms. Zoho does not tell case apart.
  covers: (granted, needed) => {
    const [area, all] = [needed.toLowerCase().replace(/\.\w+$/, ""), granted.toLowerCase()];
    return all === needed.toLowerCase() || all === `${area}.all`;
  },
};

/** Zoho has a word of its own for a bearer. */
function authorize(request: VendorRequest, { secret }: BrokeredCredential) {
  return withAuthorization(request, `Zoho-oauthtoken ${secretValue(secret, "accessToken")}`);
}
