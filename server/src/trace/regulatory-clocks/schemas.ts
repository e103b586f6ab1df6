/** Request and answer types of the routes of regulatory clocks. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { regimeShape } from "./regime.ts"
import { filingStates, sourceKinds, entryKinds } from "./filing.ts"

const slug = Type.String({ maxLength: 40 })

const instant = Type.String({ maxLength: 40 })

const text = Type.String()

export const byFiling = Type.Object({ id, filing: slug }, closed)

const regimeAnswer = Type.Object({
    id: Type.String(),
    version: Type.Integer(),
    by: orNull(id),
    at: textOrNull,
    regime: regimeShape,
})

const clockAnswer = Type.Object({
    id,
    case: id,
    regime: Type.String(),
    version: Type.Integer(),
    terms: regimeShape,
    awareAt: Type.String(),
    closed: Type.Boolean(),
    filings: Type.Array(
        Type.Object({
            id: Type.String(),
            title: Type.String(),
            from: textOrNull,
            dueAt: textOrNull,
            submittedAt: textOrNull,
            state: Type.Enum([...filingStates]),
        }),
    ),
    history: Type.Array(
        Type.Object({
            kind: Type.Enum([...entryKinds]),
            at: Type.String(),
            by: orNull(id),
            since: textOrNull,
            filing: textOrNull,
            source: orNull(Type.Enum([...sourceKinds])),
            text: Type.String(),
            reference: Type.String(),
        }),
    ),
})

export const regimesAnswer = Type.Object({ regimes: Type.Array(regimeAnswer) })

export const setRegimeParams = Type.Object({ id: Type.String({ maxLength: 100 }) }, closed)

export const setRegimeBody = Type.Object({ regime: regimeShape }, closed)

export const setRegimeAnswer = Type.Object({ version: Type.Integer() })

export const regulatoryClocksQuery = Type.Object({ case: Type.Optional(id) }, closed)

export const regulatoryClocksAnswer = Type.Object({ now: Type.String(), clocks: Type.Array(clockAnswer) })

export const newRegulatoryClockBody = Type.Object({ case: id, regime: slug, awareAt: instant, reason: text }, closed)

export const newRegulatoryClockAnswer = Type.Object({ id })

export const correctAwarenessRegulatoryClockBody = Type.Object({ awareAt: instant, reason: text }, closed)

export const reportFixRegulatoryClockBody = Type.Object({ availableAt: orNull(instant), reason: text }, closed)

export const closeRegulatoryClockBody = Type.Object({ reason: text }, closed)

const facts = {
    regime: Type.Object({ title: Type.String(), basis: Type.String(), authority: Type.String() }),
    manufacturer: Type.String(),
    contact: textOrNull,
    reference: Type.String(),
    asOf: Type.String(),
    awareAt: Type.String(),
    title: Type.String(),
    vulnerabilities: Type.Array(
        Type.Object({
            cve: Type.String(),
            cwe: Type.String(),
            vector: Type.String(),
            score: orNull(Type.Number()),
            products: Type.Array(Type.Object({ vendor: Type.String(), name: Type.String(), fixedIn: textOrNull })),
        }),
    ),
    exploitedSince: textOrNull,
    fixAvailable: textOrNull,
    publishedAt: textOrNull,
    secretUntil: textOrNull,
}

export const clockFactsAnswer = Type.Object({
    ...facts,
    awareSource: orNull(Type.Object({ kind: Type.Enum([...sourceKinds]), id: textOrNull })),
})

const draftAnswer = Type.Object({
    ...facts,
    filing: Type.String(),
    dueAt: textOrNull,
    submittedBefore: Type.Array(Type.Object({ title: Type.String(), at: Type.String(), reference: Type.String() })),
    questions: Type.Array(Type.String()),
})

export const submitFilingBody = Type.Object({ submittedAt: instant, reference: text, note: text }, closed)

export const reopenFilingBody = Type.Object({ reason: text }, closed)

export const filingDraftAnswer = Type.Object({ draft: draftAnswer, markdown: Type.String() })
