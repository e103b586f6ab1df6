/**
 * Built-in regimes: article 14 of the EU's Cyber Resilience Act, in our own words. They are not legal advice: the
 * operator reads the law, writes its own legal basis, and sets whether it applies.
 */
import type { Source } from "../../models/dated-source.ts"
import type { Regime } from "./regime.ts"

const regulation = "Regulation (EU) 2024/2847 (Cyber Resilience Act)"
const delay = "Delegated Regulation (EU) 2026/881, articles 3 to 5"

export const regimeSources: Readonly<Record<string, Source>> = {
    "cra-vulnerability": { text: `${regulation}, article 14(1), (2), (7) and (8); ${delay}`, checkedOn: "2026-11-29" },
    "cra-incident": { text: `${regulation}, article 14(3), (4), (7) and (8); ${delay}`, checkedOn: "2026-11-29" },
    "cra-steward": { text: `${regulation}, articles 14, 24(3) and 71`, checkedOn: "2026-11-29" },
}

const shippedRemark = "As shipped, in the words of the makers of Tocsin: you decide whether and how it applies to you."

const targetRemark = "Article 14(8) names no hours: 24 h are a reminder of Tocsin, and you set your own target."

function basisOf(id: string): string {
    const { text = "", checkedOn = "" } = regimeSources[id] ?? {}
    return `${text}. Checked on ${checkedOn}. ${targetRemark} ${shippedRemark}`
}

/** Returns a legal basis for the authority, without Tocsin's remarks to the operator. */
export function legalBasisIn(basis: string): string {
    const remarks = [targetRemark, shippedRemark].reduce((text, remark) => text.replace(remark, ""), basis)
    return remarks.replace(/ Checked on \d{4}-\d\d-\d\d\./, "").trim()
}

const common = {
    authority: "The coordinator CSIRT of your main establishment, and ENISA, by the single reporting platform",
    state: "undecided",
} as const
/** Article 71: the duties of manufacturers under article 14 apply earlier than the rest. */
const manufacturersFrom = "2026-09-11T00:00:00Z"
/** The duties of open-source stewards apply with the rest. */
const stewardsFrom = "2027-12-11T00:00:00Z"

const memberStates = "Member States in which the product is available, as far as you know"
const coordinator = "Your main establishment in the Union, which decides which CSIRT is the coordinator (article 14(7))"
const sensitivity = "Considered sensitivity of the notified information"
const delayRequest = `Request to delay dissemination, with its ground (${delay}), or none`
const commonQuestions = [coordinator, memberStates, sensitivity, delayRequest]

/** Article 14(8) requires it without undue delay, and sets no hours. */
const informUsers: Regime["filings"][number] = {
    id: "inform-users",
    title: "Information to affected users (article 14(8))",
    count: 24,
    unit: "hours",
    after: "awareness",
    questions: [
        "Which users are affected, and how you reach them",
        "What users can do to mitigate it; where useful, as machine-readable text",
    ],
}

const vulnerabilityFilings: Regime["filings"] = [
    {
        id: "early-warning",
        title: "Early warning",
        count: 24,
        unit: "hours",
        after: "awareness",
        questions: commonQuestions,
    },
    {
        id: "notification",
        title: "Vulnerability notification",
        count: 72,
        unit: "hours",
        after: "awareness",
        questions: [
            "The nature of the exploit, and of the vulnerability",
            "What was done to correct or mitigate it, and what users can do",
            sensitivity,
            delayRequest,
        ],
    },
    {
        id: "final-report",
        title: "Final report",
        count: 14,
        unit: "days",
        after: "fix_available",
        questions: [
            "The impact of the vulnerability",
            "What you know of who exploited it",
            "By which measures other than a fixed version it is remedied",
        ],
    },
    informUsers,
]

export const shippedRegimes: Readonly<Record<string, Regime>> = {
    "cra-vulnerability": {
        ...common,
        basis: basisOf("cra-vulnerability"),
        appliesFrom: manufacturersFrom,
        title: "CRA: actively exploited vulnerability",
        trigger: "exploited_vulnerability",
        filings: vulnerabilityFilings,
    },
    "cra-incident": {
        ...common,
        basis: basisOf("cra-incident"),
        appliesFrom: manufacturersFrom,
        title: "CRA: severe incident",
        trigger: "severe_incident",
        filings: [
            {
                id: "early-warning",
                title: "Early warning",
                count: 24,
                unit: "hours",
                after: "awareness",
                questions: ["Whether unlawful or malicious acts are suspected", ...commonQuestions],
            },
            {
                id: "notification",
                title: "Incident notification",
                count: 72,
                unit: "hours",
                after: "awareness",
                questions: [
                    "The nature of the incident",
                    "A first assessment of it",
                    "What was done to correct or mitigate it, and what users can do",
                    sensitivity,
                    delayRequest,
                ],
            },
            {
                id: "final-report",
                title: "Final report",
                count: 1,
                unit: "months",
                after: "notification",
                questions: [
                    "The incident in detail, with its severity and its impact",
                    "What kind of threat or root cause is likely",
                    "What was done, and is still being done, to mitigate it",
                ],
            },
            informUsers,
        ],
    },
    "cra-steward": {
        ...common,
        basis: basisOf("cra-steward"),
        appliesFrom: stewardsFrom,
        title: "CRA: actively exploited vulnerability, as an open-source steward",
        trigger: "exploited_vulnerability",
        filings: vulnerabilityFilings,
    },
}
