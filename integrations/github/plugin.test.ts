import { aCredential, describePlugin } from "../plugin-under-test.ts";
import { github } from "./plugin.ts";

describePlugin({
  plugin: github,
  sites: [
    { config: { owner: "acme" }, base: "https://api.github.com/" },
    {
      config: { baseUrl: "https://github.example.com/api/v3/", owner: "acme" },
      base: "https://github.example.com/api/v3",
    },
  ],
  credentials: [
    aCredential("bearer", ["token"]),
    aCredential("githubApp", ["accessToken"]),
    aCredential("oauth2", ["accessToken"]),
  ],
  severalParts: ["getFile", "createOrUpdateFile"],
});
