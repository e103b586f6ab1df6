/** The portal's API over the projection: a partner's warnings, its copies, its receipts. */
import { createHash } from "node:crypto"
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { Live, hide } from "../../platform/http.ts"
import { route } from "../../trust/audit/actions.ts"
import { answerInvitation, invitationsTo } from "../../share/cases/actions.ts"
import { idBehind, nameFor } from "../../share/delivery/actions/names.ts"
import { acknowledge, fetchCopy, receipt } from "../../share/delivery/actions/copies.ts"
import { type Warning, partnerOf, warningsFor } from "../../share/delivery/actions/projection.ts"

const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, { additionalProperties: false })
const maybe = Type.Union([Type.String(), Type.Null()])
const shown = Type.Object({
    id,
    title: Type.String(),
    vulnerabilities: Type.Array(
        Type.Object({ cve: Type.String(), cwe: Type.String(), score: Type.Number(), vector: Type.String() }),
    ),
    products: Type.Array(Type.Object({ vendor: Type.String(), name: Type.String(), fixedIn: maybe })),
    publication: maybe,
    published: Type.Boolean(),
    artifacts: Type.Array(
        Type.Object({
            id,
            class: Type.String(),
            tlp: Type.String(),
            pap: Type.String(),
            name: Type.String(),
            available: Type.Boolean(),
            version: Type.Union([Type.Integer(), Type.Null()]),
            from: Type.String(),
            fetchedAt: maybe,
            acknowledgedAt: maybe,
        }),
    ),
})
const portal = { side: "portal" as const }

const told = (instant: number | null) => (instant === null ? null : formatInstant(instant))

export function presented(warning: Warning) {
    return {
        ...warning,
        publication: told(warning.publication),
        artifacts: warning.artifacts.map((one) => ({
            ...one,
            available: one.version !== null,
            from: formatInstant(one.from),
            fetchedAt: told(one.fetchedAt),
            acknowledgedAt: told(one.acknowledgedAt),
        })),
    }
}

export const routes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warnings",
            needs: "warning:read",
            does: "What this partner may see now",
            answer: Type.Object({ now: Type.String(), warnings: Type.Array(shown) }),
        },
        async (ask) => {
            const warnings = await warningsFor(ask, partnerOf(ask).partner)
            return { now: formatInstant(ask.now), warnings: warnings.map(presented) }
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warnings/{id}",
            needs: "warning:read",
            does: "One warning",
            params: byId,
            answer: shown,
        },
        async (ask) => {
            const warnings = await warningsFor(ask, partnerOf(ask).partner)
            return presented(warnings.find((one) => one.id === ask.params.id) ?? hide())
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/artifacts/{id}/copy",
            needs: "copy:read",
            does: "This partner's own copy of an artifact, sealed to its age keys; the fetch is on record first",
            params: byId,
        },
        async (ask) => await fetchCopy(ask, ask.params.id),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/warnings/{id}/acknowledgement",
            needs: "warning:acknowledge",
            does: "Confirms what was fetched of a warning",
            params: byId,
            answer: Type.Object({ acknowledged: Type.Integer() }),
        },
        async (ask) => ({ acknowledged: await acknowledge(ask, ask.params.id) }),
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/receipts/{id}",
            needs: "receipt:read",
            does: "The proof, from the record, of a fetch; `tocsin verify` checks it offline",
            params: byId,
            answer: Type.Object({ receipt: Type.String() }),
        },
        async (ask) => ({ receipt: await receipt(ask, ask.params.id) }),
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/events",
            needs: "own:read",
            does: "Tells when what is seen has changed",
        },
        async (ask) => {
            const warnings = await warningsFor(ask, partnerOf(ask).partner)
            return new Live(createHash("sha256").update(JSON.stringify(warnings)).digest("hex"))
        },
    ),
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/consents",
            needs: "warning:read",
            does: "Which embargoes this partner was asked to keep, and what it said",
            answer: Type.Object({
                invitations: Type.Array(Type.Object({ id, state: Type.String(), publication: maybe, answerBy: maybe })),
            }),
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            const invitations = (await invitationsTo(ask, partner)).map((one) => ({
                id: nameFor(ask.doors.keys, partner, "warning", one.case),
                state: one.state,
                publication: told(one.publication),
                answerBy: told(one.answerBy),
            }))
            return { invitations }
        },
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/consents/{id}/answer",
            needs: "consent:answer",
            does: "Keeps an embargo, or declines it; silence declines",
            params: byId,
            body: Type.Object({ accepts: Type.Boolean() }, { additionalProperties: false }),
        },
        async (ask) => {
            const { partner } = partnerOf(ask)
            await answerInvitation(ask, idBehind(ask.doors.keys, partner, "warning", ask.params.id), ask.body.accepts)
            return {}
        },
    ),
]
