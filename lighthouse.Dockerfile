# The development Lighthouse: both protocol generations, no authentication. For networks where everybody may use it.
FROM node:22-trixie-slim AS build
WORKDIR /suite
COPY package.json package-lock.json .npmrc .puppeteerrc.cjs ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json ./
COPY deploy/docker deploy/docker
COPY protocol protocol
COPY analysis analysis
COPY options options
COPY lighthouse lighthouse
RUN npx tsx deploy/docker/bundle.ts lighthouse /out

FROM node:22-trixie-slim
LABEL org.opencontainers.image.title="Catalyst development Lighthouse" \
      org.opencontainers.image.description="Signalling for Catalyst peers of both generations, without authentication" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /suite
COPY --from=build /out ./
ENV NODE_ENV=production HOST=0.0.0.0 PORT=9000
EXPOSE 9000
USER node
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/status`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.js"]
