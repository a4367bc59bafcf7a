/**
 * What the environment `local` needs: names of context that the local stack fills with its
 * own ports and folders.
 */
export const LOCAL_CONTEXT = {
  awsEndpointUrl: "http://localhost:4566",
  s3EndpointUrl: "http://127.0.0.1:4566",
  lakeCatalogFile: "/lake/{tenantId}.db",
};
