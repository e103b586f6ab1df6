/** Serves the built screens. */
import { fileURLToPath } from "node:url"
import staticFiles from "@fastify/static"
import type { FastifyInstance } from "fastify"

/** The names of files under `assets` change with their content. All others are asked for again. */
const cacheControl = { asset: "public, max-age=31536000, immutable", other: "no-cache" }

/** Sends the `.br` or `.gz` beside a file to browsers that read it. */
export async function serveWebFiles(app: FastifyInstance, root: URL): Promise<void> {
    const assets = fileURLToPath(new URL("assets/", root))
    await app.register(staticFiles, {
        root,
        index: ["index.html"],
        cacheControl: false,
        preCompressed: true,
        setHeaders: (reply, file) => {
            reply.header("cache-control", file.startsWith(assets) ? cacheControl.asset : cacheControl.other)
        },
    })
}
