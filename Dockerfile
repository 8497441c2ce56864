# One image for the three services; the command chooses which:
#
#   node query-service/dist/main.js   node command-service/dist/main.js   node projector/dist/main.js
#
# Each listens on port 3000 unless PORT says otherwise. The operators' command line: node projector/bin/projector.js status, and
# node query-service/bin/audit.js verify
# NODE_ENV is production unless told otherwise, so it refuses to start on default secrets or plaintext addresses.
# Debian, not Alpine: the prebuilt argon2 binary of npm is used as it comes, for glibc. SQLite is the one in Node.

FROM node:24.21.0-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY command-service/package.json command-service/
COPY projector/package.json projector/
COPY query-service/package.json query-service/
COPY client/package.json client/
COPY pages/package.json pages/

FROM manifests AS build
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM manifests AS production
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=production /app ./
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/command-service/dist command-service/dist
COPY --from=build /app/projector/dist projector/dist
COPY --from=build /app/projector/bin projector/bin
COPY --from=build /app/query-service/dist query-service/dist
COPY --from=build /app/query-service/bin query-service/bin
COPY --from=build /app/client/dist client/dist
COPY --from=build /app/pages/dist pages/dist
COPY --from=build /app/dist/audit.js dist/
COPY deploy/healthcheck.mjs deploy/
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
# Alive, not ready: whoever restarts unhealthy containers must not restart one that waits for a store or for an operator.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "deploy/healthcheck.mjs", "/livez"]
CMD ["node", "query-service/dist/main.js"]
