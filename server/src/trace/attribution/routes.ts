/** Routes of attributions, for investigators. Each e-value has its verbal equivalent, and each answer its caution. */
import { Type } from "typebox"
import { caution } from "@tocsin/marks/bundle/fixed-texts"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { type Whose, apart, whose } from "@tocsin/marks/recipient"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { attributionsOf, besideOf } from "./actions.ts"
import { deleteEvidence } from "./actions/delete-attribution.ts"
import { type Inside, holdersOf, insideOf, remadeBy } from "./actions/list-holders.ts"
import { liftHold } from "./actions/lift-hold.ts"
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
/** The owner of a copy. Both are null where it has none. */
const whoseCopy = { partner: orNull(id), person: orNull(id) }

/** Staff who reproduced that copy or received its keys. */
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
    /** The cost to the version that fits best. Null where the text fits no version. */
    budget: orNull(
        Type.Object({
            /** The number of the leak of that version, and the number of tries on it. */
            incident: Type.Integer(),
            tries: Type.Integer(),
            /** Slots that this try weighed, and slots that earlier tries counted. */
            fresh: Type.Integer(),
            before: Type.Integer(),
            /**
             * The largest α of all tries on the case, and the fraction left for later recipients, versions and leaks.
             */
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
            /** Partners; staff are in `identifiedPeople`. */
            identified: Type.Array(id),
            identifiedPeople: Type.Array(id),
        }),
    ),
    /** Versions served unmarked whose text this is. All listed partners hold the same text. */
    polled: Type.Array(Type.Object({ artifact: id, version: Type.Integer(), partners: Type.Array(id) })),
    /** Canaries in the text. Null where none was looked for. */
    quoted: orNull(
        Type.Object({
            /** Words of the text with the form of a canary, and the number of issued canaries. */
            looked: Type.Integer(),
            names: Type.Integer(),
            /** log10 of the e-value of each canary found. */
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
            /** log10 of the e-value from which a recipient is identified. */
            bar: Type.Number(),
            /**
             * About how many more slots of two forms are needed to identify the best recipient; 0 where one is
             * identified.
             */
            lacking: Type.Integer(),
            /** The unmarked text as the source: how many slots match it, and its likelihood ratio to chance. */
            unmarked: Type.Object({ fits: Type.Integer(), log10lr: Type.Number(), explains: Type.Boolean() }),
            ranking: Type.Array(
                Type.Object({
                    ...whoseCopy,
                    log10e: Type.Number(),
                    words: Type.String(),
                    identified: Type.Boolean(),
                    /** Mismatches: slots that were read differently from this copy. */
                    flips: Type.Integer(),
                }),
            ),
            together: Type.Array(
                Type.Object({ partners: Type.Array(id), persons: Type.Array(id), log10e: Type.Number() }),
            ),
            /** The typography layer, which counts for no other figure. Null where there is none. */
            tripwire: orNull(
                Type.Object({
                    total: Type.Integer(),
                    read: Type.Integer(),
                    erased: Type.Integer(),
                    mixed: Type.Integer(),
                    fits: Type.Array(Type.Object({ ...whoseCopy, log10e: Type.Number() })),
                }),
            ),
            /** How many tests share this version's part of `alpha`. */
            tests: Type.Integer(),
            runnerUp: orNull(Type.Object(whoseCopy)),
            hypotheses: Type.Array(
                Type.Object({
                    /** One of `copy`, `remade`, `other`, `unmarked`, `master`, `chance`. */
                    key: Type.String(),
                    ...whoseCopy,
                    title: Type.String(),
                    /** log10 of how much better than chance it explains the reading. */
                    log10: Type.Number(),
                    words: Type.String(),
                    /** log10 of how much better the best copy explains the reading than this hypothesis. */
                    behind: orNull(Type.Number()),
                }),
            ),
            scale: Type.String(),
            /**
             * By the audit log: staff who had the unmarked text, partners that polled it, and staff who reproduced the
             * copy or received its keys.
             */
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
    // Where the text is polled unmarked, a version that was not recognised counts against no recipient.
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
    // All recipients of the unmarked text hold the same text, so it counts against no copy.
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
                "Attributes a leaked text again, with a chosen error over all tries on its case. Above 0.001, " +
                "requests an approval; with the signed approval, attributes the text",
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
                "Requests the deletion of evidence; with the signed approval, destroys its content, text and " +
                "key, and keeps its hash and chain of custody",
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
            summary: "Requests the end of a legal hold; with the signed approval, lifts the hold",
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
            summary: "Lists the attributions of one piece of evidence, newest first, and records the look",
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
                "Returns the parts of the master that the leak shows, with each slot as it was read, and " +
                "records the look",
            params: Type.Object({ id }, closed),
            answer: Type.Object({
                parts: Type.Array(
                    Type.Array(
                        Type.Object({
                            text: Type.String(),
                            /** One of `read`, `mixed`, `erased`; null between slots. */
                            state: orNull(Type.String()),
                            /** The form that was read. */
                            form: orNull(Type.String()),
                        }),
                    ),
                ),
            }),
        },
        async (ask) => ({ parts: (await besideOf(ask, ask.params.id)).map((part) => [...part]) }),
    ),
]
