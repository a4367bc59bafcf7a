import { aCredential, describePlugin } from "../plugin-under-test.ts";
import { zohoPeople } from "./plugin.ts";

describePlugin({
  plugin: zohoPeople,
  sites: [
    { config: { dataCenter: "com.au" }, base: "https://people.zoho.com.au/people/api" },
    {
      config: { dataCenter: "eu", baseUrl: "https://people.example.net" },
      base: "https://people.example.net/people/api",
    },
  ],
  credentials: [aCredential("oauth2", ["accessToken"])],
});
