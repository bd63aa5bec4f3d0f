# Both images of a lab:
#   docker build --file clientRunner.Dockerfile --tag catalyst-peer/client .                    peers in a headless browser
#   docker build --file clientRunner.Dockerfile --target server --tag catalyst-peer/server .    results server and Lighthouse
# Another peer library in the client's page: --build-arg PEER_LIBRARY=@dcl/catalyst-peer@1.0.4
FROM node:22-trixie-slim AS sources
WORKDIR /suite
COPY package.json package-lock.json .npmrc .puppeteerrc.cjs ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .

FROM sources AS build-server
RUN npx tsx deploy/docker/bundle.ts server /out && npx tsx dashboard/build.ts --out /out/dashboard

FROM sources AS build-client
RUN npx tsx deploy/docker/bundle.ts client /out
ARG PEER_LIBRARY
RUN --mount=type=cache,target=/root/.npm npx tsx deploy/docker/page.ts /out

# The results server with its dashboard, which keeps results in /results; `node lighthouse.js` is the development
# Lighthouse, without authentication: for networks where everybody may use it.
FROM node:22-trixie-slim AS server
ARG COMMIT
LABEL org.opencontainers.image.title="Catalyst peer performance tests: servers" \
      org.opencontainers.image.description="Takes the data of distributed tests, keeps it safe, and serves it; introduces peers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision=$COMMIT
WORKDIR /suite
# Made here, so that the volume belongs to the user.
RUN install --directory --owner=node --group=node /results
COPY --from=build-server /out ./
ENV NODE_ENV=production SUITE_COMMIT=$COMMIT HOST=0.0.0.0 PORT=9904 TEST_RESULTS_LOCATION=/results DASHBOARD_FOLDER=/suite/dashboard
EXPOSE 9904
VOLUME /results
USER node
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/status`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.js"]

FROM node:22-trixie-slim AS client
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium-headless-shell \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
# The container is the sandbox: a user without privileges gets no namespaces in it, which Chromium's own is made of.
RUN printf '#!/bin/sh\nexec /usr/bin/chromium-headless-shell --no-sandbox "$@"\n' >/usr/local/bin/chromium-headless-shell \
 && chmod +x /usr/local/bin/chromium-headless-shell
WORKDIR /suite
ARG COMMIT
LABEL org.opencontainers.image.title="Catalyst peer performance tests: clients" \
      org.opencontainers.image.description="Simulated Catalyst peers in a headless browser" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision=$COMMIT
COPY client_entrypoint.sh ./
COPY --from=build-client /out ./
ENV NODE_ENV=production SUITE_COMMIT=$COMMIT PUPPETEER_EXECUTABLE_PATH=/usr/local/bin/chromium-headless-shell
USER node
ENTRYPOINT ["/suite/client_entrypoint.sh"]
