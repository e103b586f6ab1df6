/** Serves the built screens. */
import staticFiles from "@fastify/static"
import type { FastifyInstance } from "fastify"

/** The names of these files change with their content. */
const asset = /[\\/]assets[\\/]/

/** Sends the `.br` or `.gz` beside a file to browsers that read it. */
export async function serveWebFiles(app: FastifyInstance, root: URL): Promise<void> {
    await app.register(staticFiles, {
        root,
        index: ["index.html"],
        cacheControl: false,
        preCompressed: true,
        setHeaders: (reply, file) => {
            if (asset.test(file)) reply.header("cache-control", "public, max-age=31536000, immutable")
        },
    })
}
