import { aCredential, describePlugin } from "../plugin-under-test.ts";
import { jira } from "./plugin.ts";

describePlugin({
  plugin: jira,
  sites: [
    {
      config: { baseUrl: "https://site.example.net/jira/" },
      base: "https://site.example.net/jira/rest/api/3",
    },
    {
      config: { baseUrl: "https://site.example.net", cloudId: "11223344-a1b2" },
      base: "https://api.atlassian.com/ex/jira/11223344-a1b2/rest/api/3",
    },
  ],
  credentials: [
    aCredential("basic", ["email", "apiToken"]),
    aCredential("oauth2", ["accessToken"]),
  ],
});
