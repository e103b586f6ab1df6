/** "Release now, the embargo is broken", by two people; and the closing of a case, by one. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { breakAndRelease, breakingOf, closeForGood, requestBreaking } from "../actions/emergency-release.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)
const console = { side: "console" as const }
const why = Type.String({ minLength: 1, maxLength: 2000 })
const opening = {
    recipients: Type.Array(id),
    artifacts: Type.Array(Type.Object({ artifact: id, version: Type.Integer() })),
}

export const breakingRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/emergency-release",
            permission: "wave:read",
            summary: "What releasing a case at once would open, wave by wave, and to whom",
            params: byId,
            answer: Type.Object({
                waves: Type.Array(Type.Object({ wave: id, tier: Type.String(), frozen: Type.Boolean(), ...opening })),
            }),
        },
        async (ask) => {
            const { waves } = await breakingOf(ask, ask.params.id)
            return {
                waves: waves.map(({ wave, recipients, artifacts }) => ({
                    ...{ wave: wave.id, tier: wave.tier, frozen: wave.frozenAt !== null },
                    recipients: [...recipients],
                    artifacts: [...artifacts],
                })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/emergency-release",
            permission: "wave:write",
            summary:
                "Asks a second person to sign that the embargo is broken, and why; with the signed approval alone, releases all at once",
            params: byId,
            body: Type.Union([Type.Object({ why }, closed), Type.Object({ approval: id }, closed)]),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async (ask) => {
            const { body } = ask
            if ("why" in body) return { done: false, approval: await requestBreaking(ask, ask.params.id, body.why) }
            await breakAndRelease(ask, ask.params.id, body.approval)
            return { done: true, approval: body.approval }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/close",
            permission: "case:write",
            summary: "Closes a case that will not be published; nothing more of it opens, and it is not opened again",
            params: byId,
            body: Type.Object({ why }, closed),
        },
        async (ask) => {
            await closeForGood(ask, ask.params.id, ask.body.why)
            return {}
        },
    ),
]
