/** The facts that the drafts of a clock state, in the order of the drafts. Pure. */
import type { AnswerTo } from "../../api.ts"
import { wordsOf } from "../../../kit/instant.tsx"
import { labelled, productText } from "../../../kit/products.tsx"
import { decimalText, t } from "../../../messages/message.ts"

export type ClockFacts = AnswerTo<"/api/regulatory-clocks/{id}/facts">

export interface Fact {
    readonly id: string
    readonly name: string
    /** One line or more; none: nothing is known, and `missing` says what to do. */
    readonly lines: readonly string[]
    readonly missing?: string
}

export interface FactGroup {
    readonly name: string
    readonly facts: readonly Fact[]
}

export function factGroups(facts: ClockFacts): readonly FactGroup[] {
    return [
        { name: t("Vulnerability"), facts: vulnerabilityFacts(facts) },
        { name: t("Exploitation"), facts: exploitationFacts(facts) },
        { name: t("Handling"), facts: handlingFacts(facts) },
        { name: t("Notifier"), facts: notifierFacts(facts) },
    ]
}

function vulnerabilityFacts({ title, vulnerabilities }: ClockFacts): readonly Fact[] {
    const named = labelled(vulnerabilities)
    const products = new Set(named.flatMap((item) => item.products.map(productText)))
    return [
        { id: "title", name: t("Title"), lines: [title] },
        {
            id: "products",
            name: t("Products"),
            lines: [...products],
            missing: t("Name the products in the facts of the case."),
        },
        {
            id: "identifiers",
            name: t("Identifiers"),
            lines: named.map(({ label, cwe, score }) =>
                [label, cwe, score === null ? "" : t("score {score}", { score: decimalText(score, 1) })]
                    .filter((part) => part !== "")
                    .join(", "),
            ),
            missing: t("Add the vulnerabilities to the facts of the case."),
        },
    ]
}

function exploitationFacts({ awareAt, exploitedSince }: ClockFacts): readonly Fact[] {
    return [
        { id: "aware", name: t("Aware since"), lines: [wordsOf(awareAt)] },
        {
            id: "exploited",
            name: t("First seen exploited"),
            lines: [exploitedSince === null ? t("not known") : wordsOf(exploitedSince)],
        },
    ]
}

function handlingFacts({ fixAvailable, publishedAt, secretUntil }: ClockFacts): readonly Fact[] {
    return [
        {
            id: "fix",
            name: t("Corrective measure"),
            lines: [
                fixAvailable === null
                    ? t("none reported")
                    : t("available since {since}", { since: wordsOf(fixAvailable) }),
            ],
        },
        { id: "publication", name: t("Publication"), lines: [publicationText(publishedAt, secretUntil)] },
    ]
}

function publicationText(publishedAt: string | null, secretUntil: string | null): string {
    if (publishedAt !== null) return t("public since {when}", { when: wordsOf(publishedAt) })
    return secretUntil === null
        ? t("not public; no end of the embargo is agreed")
        : t("not public; under embargo until {until}", { until: wordsOf(secretUntil) })
}

function notifierFacts({ manufacturer, contact, reference }: ClockFacts): readonly Fact[] {
    return [
        { id: "manufacturer", name: t("Manufacturer or steward"), lines: [manufacturer] },
        {
            id: "contact",
            name: t("Contact"),
            lines: contact === null ? [] : [contact],
            missing: t("The settings name no contact. Enter it in the form."),
        },
        { id: "reference", name: t("Case reference"), lines: [reference] },
    ]
}

export const isKnown = ({ lines }: Fact): boolean => lines.length > 0

/** Counts the facts, and those that are missing. */
export function factCounts(groups: readonly FactGroup[]): { readonly count: number; readonly missing: number } {
    const facts = groups.flatMap((group) => group.facts)
    return { count: facts.length, missing: facts.filter((fact) => !isKnown(fact)).length }
}
