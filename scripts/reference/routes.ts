/** What the reference needs of the running server: its routes, and the OpenAPI documents that it makes of them. */
import fs from "node:fs"
import nodePath from "node:path"
import { openLog } from "../../server/src/platform/log/log.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import type { Route, Side } from "../../server/src/kernel/route.ts"
import { makeServer } from "../../server/src/server.ts"
import type { ActionContext } from "../../server/src/kernel/action-context.ts"
import type { ApiDocument, DeclaredRoute } from "./http-api.ts"

/** Every route by side, method and path, with the feature whose folder declares it. */
export async function loadDeclaredRoutes(): Promise<Map<string, DeclaredRoute>> {
    const text = fs.readFileSync("server/src/routes.ts", "utf8")
    const files = [...text.matchAll(/from "(\.\/(?:trust|share|trace|channels)\/.*)"/g)].map(([, file = ""]) => file)
    const modules = await Promise.all(
        files.map(async (file) => {
            const exported = (await import(nodePath.resolve("server/src", file))) as Readonly<Record<string, unknown>>
            const routes = Object.values(exported).filter(Array.isArray).flat() as readonly Route<ActionContext>[]
            const [, feature = ""] = file.slice(2).split("/")
            return routes.flatMap(({ side, method, path, permission }) =>
                sidesOf(side).map((each): [string, DeclaredRoute] => [
                    `${each} ${method} ${path}`,
                    { feature, permission },
                ]),
            )
        }),
    )
    return new Map(modules.flat())
}

const sidesOf = (side: Side | "both"): readonly Side[] => (side === "both" ? ["console", "portal"] : [side])

/** The OpenAPI document of each side. The server is made and never listens, so it needs no database. */
export async function loadApiDocuments(): Promise<Record<Side, ApiDocument>> {
    const documentOf = async (side: Side): Promise<ApiDocument> => {
        const services = { log: openLog("silent"), workerAgeMaxMs: 0 } as unknown as Services
        const app = await makeServer({ services, side, web: null, secureCookies: false, requestsPerMinuteMax: 1 })
        try {
            return app.swagger() as ApiDocument
        } finally {
            await app.close()
        }
    }
    return { console: await documentOf("console"), portal: await documentOf("portal") }
}
