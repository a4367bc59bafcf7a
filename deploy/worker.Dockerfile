# The TypeScript Temporal worker. Build from the root:
# docker build -f deploy/worker.Dockerfile --platform linux/arm64 .
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional Node packages are for machines with another Node; this image is Node 24 itself.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY schemas schemas
COPY core core
COPY adapters adapters
COPY integrations integrations
COPY worker worker
USER node
# No shell in between: SIGTERM must reach the worker, which then has 60 s to end.
ENTRYPOINT ["node", "worker/main.ts"]
