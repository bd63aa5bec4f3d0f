# The results server with its dashboard. Results are kept in /results.
FROM node:22-trixie-slim AS build
WORKDIR /suite
COPY package.json package-lock.json .npmrc .puppeteerrc.cjs ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json ./
COPY deploy/docker deploy/docker
COPY protocol protocol
COPY analysis analysis
COPY dashboard dashboard
COPY options options
COPY server server
RUN npx tsx deploy/docker/bundle.ts server /out
RUN npx tsx dashboard/build.ts --out /out/dashboard

FROM node:22-trixie-slim
LABEL org.opencontainers.image.title="Catalyst peer performance tests: results server" \
      org.opencontainers.image.description="Takes the data of distributed tests, keeps it safe, and serves it" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /suite
# Made here, so that the volume belongs to the user.
RUN install --directory --owner=node --group=node /results
COPY --from=build /out ./
ENV NODE_ENV=production HOST=0.0.0.0 PORT=9904 TEST_RESULTS_LOCATION=/results DASHBOARD_FOLDER=/suite/dashboard
EXPOSE 9904
VOLUME /results
USER node
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/status`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.js"]
