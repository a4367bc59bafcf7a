/** Points this process, and those that it starts, at an emulator. */
export function useEmulator(url: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url.replace("127.0.0.1", "localhost"),
    AWS_ENDPOINT_URL_S3: url,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
}
