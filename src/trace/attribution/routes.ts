/** Attributions over HTTP, for investigators: each e-value with its word, and each answer with its caution. */
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { attribute, attributionsOf } from "./actions.ts"
import { type Attribution, caution, inWords, summaries } from "./attribution.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const verdict = Type.String()

const shown = Type.Object({
    id,
    evidence: id,
    at: Type.String(),
    madeBy: orNull(id),
    verdict,
    summary: Type.String(),
    caution: Type.String(),
    alpha: Type.Number(),
    tests: Type.Integer(),
    untested: Type.Integer(),
    documents: Type.Array(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            verdict,
            slotsRead: Type.Integer(),
            accused: Type.Array(id),
        }),
    ),
    best: orNull(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            slots: Type.Object({
                total: Type.Integer(),
                read: Type.Integer(),
                erased: Type.Integer(),
                mixed: Type.Integer(),
            }),
            /** log10 of the e-value from which on somebody is named. */
            bar: Type.Number(),
            ranking: Type.Array(
                Type.Object({
                    partner: id,
                    log10e: Type.Number(),
                    words: Type.String(),
                    accused: Type.Boolean(),
                }),
            ),
            together: Type.Array(Type.Object({ partners: Type.Array(id), log10e: Type.Number() })),
        }),
    ),
})
const answer = Type.Object({ attributions: Type.Array(shown) })

function presented({ result, at, ...its }: Attribution) {
    const { best, ...tested } = result
    return {
        ...its,
        ...tested,
        at: formatInstant(at),
        summary: summaries[its.verdict],
        caution,
        best: best && bestOf(best),
    }
}

function bestOf({ artifact, version, findings }: NonNullable<Attribution["result"]["best"]>) {
    const { slots, ranking, together, alpha } = findings
    return {
        artifact,
        version,
        slots,
        bar: Math.log10(ranking.length / alpha),
        ranking: ranking.map(({ recipient, log10e, accused }) => ({
            partner: recipient,
            log10e,
            words: inWords(log10e),
            accused,
        })),
        together: together.map(({ recipients, log10e }) => ({ partners: [...recipients], log10e })),
    }
}

async function present(act: Act, evidence: string) {
    return { attributions: (await attributionsOf(act, evidence)).map(presented) }
}

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/{id}/attribution",
            needs: "evidence:write",
            does: "Attributes a leaked text anew, with a chosen error: anybody innocent is named with that probability at most",
            params: Type.Object({ id }, closed),
            body: Type.Object({ alpha: Type.Optional(Type.Number()) }, closed),
            answer,
        },
        async (ask) => {
            await attribute(ask, ask.params.id, ask.body.alpha)
            return await present(ask, ask.params.id)
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/attributions",
            needs: "evidence:read",
            does: "What was found out about one piece of evidence, newest first; the look is on record",
            query: Type.Object({ evidence: id }, closed),
            answer,
        },
        async (ask) => await present(ask, ask.query.evidence),
    ),
]
