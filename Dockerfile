# The node alone; PostgreSQL runs beside it, and KEY_FILE comes from outside (see docker-compose.yml).
# A new key, without any database: docker run --rm IMAGE node dist/src/cli.js keys new
FROM node:20-bookworm-slim AS build
WORKDIR /cadre
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY seeds seeds
COPY bench bench
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /cadre
COPY --from=build /cadre/package.json ./
COPY --from=build /cadre/node_modules node_modules
COPY --from=build /cadre/dist dist
COPY --from=build /cadre/seeds seeds
RUN mkdir /ledger data && chown node:node /ledger data
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.PORT||4000)+'/health').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/src/cli.js", "serve"]
