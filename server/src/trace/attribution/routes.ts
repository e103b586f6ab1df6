/** Routes of attributions, for investigators. Each e-value has its verbal equivalent, and each answer its caution. */
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
import { byId } from "../../kernel/schemas.ts"
import {
    attributeEvidenceAnswer,
    attributeEvidenceBody,
    attributionsAnswer,
    attributionsQuery,
    deleteEvidenceAnswer,
    deleteEvidenceBody,
    liftHoldAnswer,
    liftHoldBody,
    masterAnswer,
} from "./schemas.ts"

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
            params: byId,
            body: attributeEvidenceBody,
            answer: attributeEvidenceAnswer,
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
            params: byId,
            body: deleteEvidenceBody,
            answer: deleteEvidenceAnswer,
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
            params: byId,
            body: liftHoldBody,
            answer: liftHoldAnswer,
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
            query: attributionsQuery,
            answer: attributionsAnswer,
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
            params: byId,
            answer: masterAnswer,
        },
        async (ask) => ({ parts: (await besideOf(ask, ask.params.id)).map((part) => [...part]) }),
    ),
]
