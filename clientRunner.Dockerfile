# Peers in a headless browser:
#   docker run --init -e TEST_ID=… -e RESULTS_SERVER_URL=… -e LIGHTHOUSE_URL=… -e PEERS_COUNT=… IMAGE
# Another peer library: --build-arg PEER_LIBRARY=@dcl/catalyst-peer@1.0.4
FROM node:22-trixie-slim AS build
WORKDIR /suite
COPY package.json package-lock.json .npmrc .puppeteerrc.cjs ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json run-clients.ts ./
COPY deploy/docker deploy/docker
COPY protocol protocol
COPY analysis analysis
COPY options options
COPY client client
COPY runner runner
COPY simulation/engine simulation/engine
COPY commands/clients.ts commands/
RUN npx tsx deploy/docker/bundle.ts client /out
ARG PEER_LIBRARY
RUN --mount=type=cache,target=/root/.npm npx tsx deploy/docker/page.ts /out

FROM node:22-trixie-slim
LABEL org.opencontainers.image.title="Catalyst peer performance tests: clients" \
      org.opencontainers.image.description="Simulated Catalyst peers in a headless browser" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium-headless-shell \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
# The container is the sandbox: a user without privileges gets no namespaces in it, which Chromium's own is made of.
RUN printf '#!/bin/sh\nexec /usr/bin/chromium-headless-shell --no-sandbox "$@"\n' >/usr/local/bin/chromium-headless-shell \
 && chmod +x /usr/local/bin/chromium-headless-shell
WORKDIR /suite
COPY client_entrypoint.sh ./
COPY --from=build /out ./
ENV NODE_ENV=production PUPPETEER_EXECUTABLE_PATH=/usr/local/bin/chromium-headless-shell
USER node
ENTRYPOINT ["/suite/client_entrypoint.sh"]
