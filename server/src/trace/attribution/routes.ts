/** Attributions over HTTP, for investigators: each e-value with its word, and each answer with its caution. */
import { Type } from "typebox"
import { caution } from "@tocsin/marks/bundle/fixed-texts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Whose, apart, whose } from "@tocsin/marks/recipient"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { attributionsOf, besideOf } from "./actions.ts"
import { deleteEvidence } from "./actions/delete-attribution.ts"
import { type Inside, holdersOf, insideOf, remadeBy } from "./actions/attribute-parts.ts"
import { liftHold } from "./actions/restore-text.ts"
import { attributeAt } from "./actions/raise-alpha.ts"
import { inWords, lackingOf } from "@tocsin/marks/evidence/hypotheses"
import { type Attribution, type Tested, spendingInWords, summaryOf } from "./attribution.ts"
import { hypothesesOf, hypothesesWithoutCopies, runnerUpOf, scale } from "@tocsin/marks/evidence/hypotheses"
import { type Quoted, cautionOfNames } from "./quotation.ts"
import { ledgerRoute } from "./routes/cross-case-evidence.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const verdict = Type.String()
/** Whose copy: one of the two, and both null where it is nobody's. */
const whoseCopy = { partner: orNull(id), person: orNull(id) }

/** Persons of the operator who made that copy again, or took out its key. */
const remade = { madeAgain: Type.Array(id), keys: Type.Array(id) }

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
    /** What it cost, of the version that fits best; null where the text is from none. */
    budget: orNull(
        Type.Object({
            /** Which leak of that version it belongs to, and how many tries on it there were. */
            incident: Type.Integer(),
            tries: Type.Integer(),
            /** Slots that this try weighed; slots that earlier tries have counted. */
            fresh: Type.Integer(),
            before: Type.Integer(),
            /** The largest α of all tries on the case; the part of it that is left for later recipients, versions and leaks. */
            spent: Type.Number(),
            left: Type.Number(),
            words: Type.String(),
        }),
    ),
    documents: Type.Array(
        Type.Object({
            artifact: id,
            version: Type.Integer(),
            verdict,
            slotsRead: Type.Integer(),
            /** Partners, and apart persons of the operator. */
            identified: Type.Array(id),
            identifiedPeople: Type.Array(id),
        }),
    ),
    /** Texts that partners were served unmarked and that it reads as; all of these partners hold it alike. */
    polled: Type.Array(Type.Object({ artifact: id, version: Type.Integer(), partners: Type.Array(id) })),
    /** Canaries that the text holds, apart from all the rest; null where none was looked for. */
    quoted: orNull(
        Type.Object({
            /** Words of the text that have the form of a name, and names that there were. */
            looked: Type.Integer(),
            names: Type.Integer(),
            /** log10 of the e-value of each that was found. */
            log10e: Type.Number(),
            words: Type.String(),
            caution: Type.String(),
            found: Type.Array(
                Type.Object({
                    artifact: id,
                    version: Type.Integer(),
                    kind: Type.String(),
                    what: Type.String(),
                    ...whoseCopy,
                    decoy: Type.Boolean(),
                    ...remade,
                }),
            ),
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
                    ...whoseCopy,
                    log10e: Type.Number(),
                    words: Type.String(),
                    identified: Type.Boolean(),
                    /** Slots that were read otherwise than in this copy. */
                    flips: Type.Integer(),
                }),
            ),
            together: Type.Array(
                Type.Object({ partners: Type.Array(id), persons: Type.Array(id), log10e: Type.Number() }),
            ),
            /** The layer of typography, by itself: it counts for nothing above. Null where there is none. */
            tripwire: orNull(
                Type.Object({
                    total: Type.Integer(),
                    read: Type.Integer(),
                    erased: Type.Integer(),
                    mixed: Type.Integer(),
                    fits: Type.Array(Type.Object({ ...whoseCopy, log10e: Type.Number() })),
                }),
            ),
            /** How many tests share its part of `alpha`. */
            tests: Type.Integer(),
            runnerUp: orNull(Type.Object(whoseCopy)),
            hypotheses: Type.Array(
                Type.Object({
                    /** `copy`, `remade`, `other`, `unmarked`, `master`, `chance`. */
                    key: Type.String(),
                    ...whoseCopy,
                    title: Type.String(),
                    /** log10 of how much better it explains what was read than chance. */
                    log10: Type.Number(),
                    words: Type.String(),
                    /** log10 of how much better the copy that fits best explains it than this one. */
                    behind: orNull(Type.Number()),
                }),
            ),
            scale: Type.String(),
            /** By the record: persons of the operator who had the text without marks, partners who polled it so, persons who made that copy again or took out its key. */
            inside: Type.Object({ master: Type.Array(id), polled: Type.Array(id), ...remade }),
        }),
    ),
})
const answer = Type.Object({ attributions: Type.Array(shown) })

const nobody: Inside = { master: [], polled: [], madeAgain: [], keys: [] }

async function presented(ctx: ActionContext, found: Attribution) {
    const { result, at, ...rest } = found
    const inside = await insideOf(ctx, found)
    const { alpha, tests, untested, documents, quoted, polled } = result
    // Beside a text that is polled, a version that was not recognised weighs against nobody.
    const isOther = polled.length > 0 && result.best?.findings.verdict === "unrelated"
    const best = isOther ? null : result.best
    return {
        ...rest,
        alpha,
        tests,
        untested,
        documents: documents.map(documentOf),
        budget: budgetOf(best),
        at: formatInstant(at),
        summary: summaryOf(result),
        caution,
        quoted: quoted && (await namesOf(ctx, quoted, at)),
        best: best && bestOf(best, inside ?? nobody, isPolled(best, polled)),
        polled: (await holdersOf(ctx, found)).map((holders) => ({ ...holders, partners: [...holders.partners] })),
    }
}

function budgetOf(best: Tested | null) {
    if (best?.spending === undefined) return null
    const { factor: _, ...spending } = best.spending
    return { ...spending, words: spendingInWords(spending) }
}

async function namesOf(ctx: ActionContext, { found, log10e, ...rest }: Quoted, at: Instant) {
    const names = []
    for (const item of found) {
        const { recipient, ...name } = item
        const { madeAgain, keys } = await remadeBy(ctx, item, at)
        const copy = name.decoy ? nobodys : whose(recipient)
        names.push({ ...name, ...copy, madeAgain: [...madeAgain], keys: [...keys] })
    }
    return { ...rest, log10e, words: inWords(log10e), caution: cautionOfNames, found: names }
}

function documentOf({ identified, ...rest }: Attribution["result"]["documents"][number]) {
    const { partners, persons } = apart(identified)
    return { ...rest, identified: partners, identifiedPeople: persons }
}

const nobodys: Whose = { partner: null, person: null }

const isPolled = (best: Tested, polled: Attribution["result"]["polled"]): boolean =>
    polled.some(
        (artifactVersion) => artifactVersion.artifact === best.artifact && artifactVersion.version === best.version,
    )

function bestOf(
    { artifact, version, findings: values }: Tested,
    { master, polled, madeAgain, keys }: Inside,
    isPolledText: boolean,
) {
    // The unmarked text is alike for all who have it: it weighs against no copy.
    const isUnmarked = values.unmarked.explains || isPolledText
    const findings = isUnmarked ? { ...values, ranking: [], together: [], tripwire: null } : values
    const { slots, ranking, together, bar, unmarked, tests, tripwire = null } = findings
    const runnerUp = runnerUpOf(findings)
    return {
        artifact,
        version,
        slots,
        bar,
        unmarked,
        lacking: lackingOf(findings),
        ranking: ranking.map(({ recipient, log10e, identified, fits }) => ({
            ...whose(recipient),
            log10e,
            words: inWords(log10e),
            identified,
            flips: slots.read - fits,
        })),
        together: together.map(({ recipients, log10e }) => ({ ...apart(recipients), log10e })),
        tripwire: tripwire && {
            ...tripwire,
            fits: tripwire.fits.map(({ recipient, log10e }) => ({ ...whose(recipient), log10e })),
        },
        tests,
        runnerUp: runnerUp && whose(runnerUp.recipient),
        hypotheses: (isUnmarked ? hypothesesWithoutCopies(values) : hypothesesOf(values)).map(
            ({ recipient, ...rest }) => ({
                ...rest,
                ...(recipient === null ? nobodys : whose(recipient)),
            }),
        ),
        scale,
        inside: { master: [...master], polled: [...polled], madeAgain: [...madeAgain], keys: [...keys] },
    }
}

async function present(ctx: ActionContext, evidence: string) {
    const attributions = []
    for (const attribution of await attributionsOf(ctx, evidence)) attributions.push(await presented(ctx, attribution))
    return { attributions }
}

const console = { side: "console" as const }

export const routes = [
    ledgerRoute,
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/{id}/attribute",
            permission: "evidence:write",
            summary:
                "Attributes a leaked text again, at a chosen error over all tries on its case. Above 0.001 it requests an " +
                "approval and says why; with the signed approval, it attributes the text",
            params: Type.Object({ id }, closed),
            body: Type.Object(
                {
                    alpha: Type.Optional(Type.Number()),
                    reason: Type.Optional(Type.String()),
                    approval: Type.Optional(id),
                },
                closed,
            ),
            answer: Type.Object({ done: Type.Boolean(), approval: orNull(id), attributions: Type.Array(shown) }),
        },
        async (ask) => {
            const attribute = await attributeAt(ask, ask.params.id, ask.body)
            return { ...attribute, ...(await present(ask, ask.params.id)) }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/{id}/delete",
            permission: "evidence:write",
            summary:
                "Asks a second person to let the evidence be deleted and says why; with the signed approval, its content, " +
                "its words and its key are gone, and its hash and its custody stay",
            params: Type.Object({ id }, closed),
            body: Type.Object({ reason: Type.Optional(Type.String()), approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async ({ params, body, ...ctx }) => ({ ...(await deleteEvidence(ctx, params.id, body)) }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence/{id}/hold/lift",
            permission: "evidence:write",
            summary:
                "Asks a second person to let the legal hold be lifted and says why; with the signed approval, lifts it",
            params: Type.Object({ id }, closed),
            body: Type.Object({ reason: Type.Optional(Type.String()), approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: id }),
        },
        async ({ params, body, ...ctx }) => ({ ...(await liftHold(ctx, params.id, body)) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/attributions",
            permission: "evidence:read",
            summary: "What was found out about one piece of evidence, newest first; the look is on record",
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
            permission: "evidence:read",
            summary:
                "The parts of the master that the leak shows, with each slot as it was read; the look is on record",
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
