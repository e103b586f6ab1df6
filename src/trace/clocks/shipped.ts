/**
 * What is shipped: article 14 of the EU's Cyber Resilience Act, in our own words. It is no legal advice: the operator reads
 * the text itself, writes its own legal basis, and says whether it applies.
 */
import type { Regime } from "./regime.ts"

const basis =
    "Regulation (EU) 2024/2847 (Cyber Resilience Act), article 14. As shipped, in the words of the makers of this program: " +
    "whether and how it applies to you is for you to say."
const authority = "CSIRT designated as coordinator, and ENISA, by the single reporting platform"
/** Article 71: the duties of article 14 apply before the rest. */
const appliesFrom = "2026-09-11T00:00:00Z"
const common = { basis, authority, appliesFrom, state: "undecided" } as const

const where = "Member States in which the product is available, as far as you know"
const sensitive = "How sensitive you hold this to be"

export const shippedRegimes: Readonly<Record<string, Regime>> = {
    "cra-vulnerability": {
        ...common,
        title: "CRA: actively exploited vulnerability",
        trigger: "exploited vulnerability",
        filings: [
            {
                ...{ id: "early-warning", title: "Early warning" },
                ...{ count: 24, unit: "hours", after: "awareness", asks: [where] },
            },
            {
                ...{ id: "notification", title: "Vulnerability notification" },
                ...{ count: 72, unit: "hours", after: "awareness" },
                asks: [
                    "The product, in general",
                    "The nature of the exploit, and of the vulnerability",
                    "What was done to correct or mitigate it, and what users can do",
                    sensitive,
                ],
            },
            {
                ...{ id: "final-report", title: "Final report" },
                ...{ count: 14, unit: "days", after: "fix available" },
                asks: [
                    "The vulnerability, with its severity and its impact",
                    "What you know of who exploited it",
                    "The security update, or other measures, by which it is remedied",
                ],
            },
        ],
    },
    "cra-incident": {
        ...common,
        title: "CRA: severe incident",
        trigger: "severe incident",
        filings: [
            {
                ...{ id: "early-warning", title: "Early warning" },
                ...{ count: 24, unit: "hours", after: "awareness" },
                asks: ["Whether unlawful or malicious acts are suspected", where],
            },
            {
                ...{ id: "notification", title: "Incident notification" },
                ...{ count: 72, unit: "hours", after: "awareness" },
                asks: [
                    "The nature of the incident",
                    "A first assessment of it",
                    "What was done to correct or mitigate it, and what users can do",
                    sensitive,
                ],
            },
            {
                ...{ id: "final-report", title: "Final report" },
                ...{ count: 1, unit: "months", after: "notification" },
                asks: [
                    "The incident in detail, with its severity and its impact",
                    "What kind of threat or root cause is likely",
                    "What was done, and is still being done, to mitigate it",
                ],
            },
        ],
    },
}
