/** Attributions over HTTP, for investigators: each e-value with its word, and each answer with its caution. */
import { Type } from "typebox"
import { formatInstant } from "../../lib/instant.ts"
import { type Act, route } from "../../trust/audit/actions.ts"
import { attribute, attributionsOf, besideOf } from "./actions.ts"
import { type Attribution, caution, inWords, lackingOf, summaryOf } from "./attribution.ts"

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
            /** About how many more slots of two forms would have to be read to name who fits best; 0 where somebody is named. */
            lacking: Type.Integer(),
            /** The text without marks as the source: how many slots are as in it, how much likelier it is than chance. */
            unmarked: Type.Object({ fits: Type.Integer(), log10lr: Type.Number(), explains: Type.Boolean() }),
            ranking: Type.Array(
                Type.Object({
                    partner: id,
                    log10e: Type.Number(),
                    words: Type.String(),
                    accused: Type.Boolean(),
                    /** Slots that were read otherwise than in this copy. */
                    flips: Type.Integer(),
                }),
            ),
            together: Type.Array(Type.Object({ partners: Type.Array(id), log10e: Type.Number() })),
        }),
    ),
})
const answer = Type.Object({ attributions: Type.Array(shown) })

function presented({ result, at, ...its }: Attribution) {
    const { best, alpha, tests, untested, documents } = result
    return {
        ...its,
        ...{ alpha, tests, untested, documents: documents.map((one) => ({ ...one, accused: [...one.accused] })) },
        at: formatInstant(at),
        summary: summaryOf(result),
        caution,
        best: best && bestOf(best),
    }
}

function bestOf({ artifact, version, findings }: NonNullable<Attribution["result"]["best"]>) {
    const { slots, ranking, together, bar, unmarked } = findings
    return {
        artifact,
        version,
        slots,
        bar,
        unmarked,
        lacking: lackingOf(findings),
        ranking: ranking.map(({ recipient, log10e, accused, fits }) => ({
            partner: recipient,
            log10e,
            words: inWords(log10e),
            accused,
            flips: slots.read - fits,
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
    route(
        {
            ...console,
            method: "GET",
            path: "/api/attributions/{id}/master",
            needs: "evidence:read",
            does: "The parts of the master that the leak shows, with each slot as it was read; the look is on record",
            params: Type.Object({ id }, closed),
            answer: Type.Object({
                parts: Type.Array(
                    Type.Array(
                        Type.Object({
                            text: Type.String(),
                            /** `read`, `mixed`, `erased`; null between slots. */
                            state: orNull(Type.String()),
                            /** As it was read. */
                            form: orNull(Type.String()),
                        }),
                    ),
                ),
            }),
        },
        async (ask) => ({ parts: (await besideOf(ask, ask.params.id)).map((part) => [...part]) }),
    ),
]
