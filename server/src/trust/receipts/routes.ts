/** Serves the receipt log: checkpoint and proofs for partners, and tiles for all who follow the log. */
import { type TObject, Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { type Route, TextAnswer } from "../../kernel/route.ts"
import { cacheForever, publicText } from "../../platform/http/public-text.ts"
import { countVisibleBatches, proveConsistency, loadVisibleCheckpoint, refuseNoBatch } from "./actions/load-receipts.ts"
import { listHandovers } from "../signing-keys/actions/load-log-keys.ts"
import { countKeyChanges } from "./actions/queue-key-receipt.ts"
import { proveAuditLog } from "./witnesses/actions/prove-audit-log.ts"
import { loadWitnessedLog } from "./witnesses/actions/load-witnessed-log.ts"
import { assertTilesFor, loadTile, signLogAt } from "./actions/serve-tiles.ts"
import { closed } from "../../kernel/schemas.ts"
import { handoversAnswer } from "../signing-keys/schemas.ts"
import { checkpointAnswer, sizeField } from "./schemas.ts"

const portal = { method: "GET" as const, side: "portal" as const }

const handoversSummary =
    "Returns the handovers of the receipt log: checkpoints by which each former key names the next key, oldest first"

const plain = "text/plain; charset=utf-8"

export const routes = [
    route(
        {
            method: "GET",
            side: "console",
            path: "/api/audit-log/witnessed",
            permission: "audit_log:read",
            summary:
                "Returns the proof that witnesses signed a commitment to the audit log, for `tocsin verify --policy`",
        },
        async (ctx) => new TextAnswer(await proveAuditLog(ctx), plain),
    ),
    route(
        {
            ...portal,
            path: "/api/receipt-log/checkpoint",
            permission: "receipt:read",
            summary:
                "Returns the newest checkpoint of the receipt log, its key, when the next batch becomes visible, and " +
                "the number of changes of the partner's keys",
            answer: checkpointAnswer,
        },
        async (ctx) => {
            const checkpoint = await loadVisibleCheckpoint(ctx)
            const keyChanges = await countKeyChanges(ctx)
            const witnessed = (await loadWitnessedLog(ctx, checkpoint.size))?.note ?? null
            return { ...checkpoint, at: formatInstant(checkpoint.at), keyChanges, witnessed }
        },
    ),
    route(
        {
            ...portal,
            path: "/api/receipt-log/handovers",
            permission: "receipt:read",
            summary: handoversSummary,
            answer: handoversAnswer,
        },
        async (ctx) => ({ handovers: await listHandovers(ctx, "receipt_log") }),
    ),
    route(
        {
            ...portal,
            path: "/api/receipt-log/consistency",
            permission: "receipt:read",
            summary: "Returns the proof (RFC 6962) that the receipt log, now or at size `to`, contains an older one",
            query: Type.Object({ from: sizeField, to: Type.Optional(sizeField) }, closed),
            answer: Type.Object({ from: Type.Integer(), to: Type.Integer(), proof: Type.Array(Type.String()) }),
        },
        async (ctx) => {
            const { from, to } = ctx.query
            return await proveConsistency(ctx, Number(from), to === undefined ? null : Number(to))
        },
    ),
]

const bytes = "application/octet-stream"
const json = "application/json; charset=utf-8"
const cacheForSeconds = "public, max-age=5"

const tilePart = Type.String({ pattern: "^[a-z0-9.]{1,8}$" })
/** The parts of a tile's path: a level, and one to three more. */
const tileParts = [
    Type.Object({ level: tilePart, a: tilePart }),
    Type.Object({ level: tilePart, a: tilePart, b: tilePart }),
    Type.Object({ level: tilePart, a: tilePart, b: tilePart, c: tilePart }),
]

interface TileRoute {
    readonly path: string
    readonly summary: string
    readonly params: TObject
}

interface Content {
    readonly data: string | Buffer
    readonly type: string
    /** The cache header of the public answer. */
    readonly cache: string
}

type Handler = (ctx: ActionContext, params: Readonly<Record<string, string>>) => Promise<Content>
type MakeRoute = (definition: TileRoute, handler: Handler) => Route<ActionContext>

const partnerRoute: MakeRoute = (definition, handler) =>
    route({ ...portal, permission: "receipt:read", ...definition }, async (ctx) => {
        assertTilesFor(ctx, "partners")
        const { data, type } = await handler(ctx, ctx.params as Readonly<Record<string, string>>)
        return new TextAnswer(data, type)
    })

const publicRoute: MakeRoute = (definition, handler) =>
    route({ ...portal, permission: "public", ...definition }, async (ctx) => {
        assertTilesFor(ctx, "public")
        const { data, type, cache } = await handler(ctx, ctx.params as Readonly<Record<string, string>>)
        return publicText(data, type, null, undefined, cache)
    })

async function answerCheckpoint(ctx: ActionContext): Promise<Content> {
    const size = (await countVisibleBatches(ctx)) || refuseNoBatch()
    const { note } = (await loadWitnessedLog(ctx, size)) ?? (await signLogAt(ctx, size))
    return { data: note, type: plain, cache: cacheForSeconds }
}

/** A tile never changes. */
const answerTile: Handler = async (ctx, { level, a, b, c }) => {
    const parts = [level, a, b, c].filter((part) => part !== undefined)
    return { data: await loadTile(ctx, `tile/${parts.join("/")}`), type: bytes, cache: cacheForever }
}

const tileRoutes = (prefix: string, make: MakeRoute): Route<ActionContext>[] => [
    make(
        {
            path: `${prefix}/checkpoint`,
            summary: "Returns the newest checkpoint of the receipt log as a signed note (C2SP tlog-tiles)",
            params: Type.Object({}),
        },
        answerCheckpoint,
    ),
    ...tileParts.map((params) =>
        make(
            {
                path: `${prefix}/tile/${Object.keys(params.properties)
                    .map((name) => `{${name}}`)
                    .join("/")}`,
                summary: "Returns hashes or entries of the receipt log (C2SP tlog-tiles)",
                params,
            },
            answerTile,
        ),
    ),
]

/** The receipt log as tiles: for partners with their sign-in, and for anyone. */
export const tiles: readonly Route<ActionContext>[] = [
    ...tileRoutes("/api/receipt-log/tiles", partnerRoute),
    ...tileRoutes("/receipt-log", publicRoute),
    publicRoute({ path: "/receipt-log/handovers", summary: handoversSummary, params: Type.Object({}) }, async (ctx) => {
        const handovers = await listHandovers(ctx, "receipt_log")
        return { data: JSON.stringify({ handovers }), type: json, cache: cacheForSeconds }
    }),
]
