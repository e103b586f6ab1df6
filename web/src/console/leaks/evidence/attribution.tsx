/** An attribution: the claim with its error bound, the evidence per copy, and the alternatives. */
import { Link } from "@tanstack/react-router"
import type { CopyOwner } from "@tocsin/marks/recipient"
import { formatLog10e } from "../../../../../server/src/trace/attribution/attribution.ts"
import { When } from "../../../kit/instant.tsx"
import { Notice } from "../../../kit/notice.tsx"
import { Facts, Section, Table } from "../../../kit/table.tsx"
import { type Names, useMe, useNames } from "../../artifacts/viewer.tsx"
import { errorBoundText, evidenceText, thresholdText } from "./e-value.ts"
import { EvidencePerCopy } from "./evidence-chart.tsx"
import type { AttributionAnswer, Best, EvidenceAnswer } from "./evidence-reads.ts"
import { LeakHypotheses } from "./leak-hypotheses.tsx"
import { Comparison } from "./leak-view.tsx"
import { Quoted } from "./quoted-canaries.tsx"

interface AttributionProps {
    attribution: AttributionAnswer
    evidence: EvidenceAnswer
}

export function Attribution({ attribution, evidence }: AttributionProps) {
    const { best, alpha } = attribution
    const identified = identifiedIn(attribution)
    return (
        <>
            <Claim attribution={attribution} />
            <NamesYou owners={[...identified, ...(attribution.quoted?.found ?? [])]} />
            <Quoted quotedNames={attribution.quoted} />
            <UnmarkedHolders polled={attribution.polled} />
            {best !== null && best.ranking.length > 0 && (
                <Section title="Evidence per copy">
                    <EvidencePerCopy subject={best} alpha={alpha} isExplained />
                    <Combinations best={best} />
                </Section>
            )}
            {best !== null && evidence.content !== null && (
                <Comparison evidence={evidence} attribution={attribution.id} best={best} />
            )}
            {best !== null && best.hypotheses.length > 0 && <LeakHypotheses best={best} />}
        </>
    )
}

/** The copies that passed the threshold. */
export function identifiedIn({ best }: AttributionAnswer): Best["ranking"] {
    return best?.ranking.filter((ranked) => ranked.identified) ?? []
}

/** The claim as one sentence. It identifies a copy only above the threshold. */
function Claim({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const { best, alpha, polled } = attribution
    const version = best === null ? "" : `${names.artifact(best.artifact)}, version ${best.version}. `
    return (
        <section className="claim" aria-label="Attribution">
            <h2>
                <ClaimSentence attribution={attribution} />
            </h2>
            {polled.length === 0 && (
                <p>
                    {version}If all recipients are innocent, the chance that any copy is identified is at most{" "}
                    {errorBoundText(alpha)}. The result identifies a copy, not a person.
                </p>
            )}
            <p className="caution">{attribution.caution}</p>
        </section>
    )
}

function ClaimSentence({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const identified = identifiedIn(attribution)
    const { best, polled } = attribution
    if (identified.length > 0) {
        return (
            <>
                The text matches the {identified.length === 1 ? "copy" : "copies"} of{" "}
                {identified.map((ranked, n) => (
                    <span key={names.recipient(ranked)}>
                        {n > 0 && " and "}
                        <b>{names.recipient(ranked)}</b> {evidenceText(ranked.log10e)} times
                    </span>
                ))}{" "}
                better than chance.
            </>
        )
    }
    if (polled.length > 0) return "The text is the unmarked text that machines polled. No copy is identified."
    const missing = best?.missingSlots ?? 0
    return missing === 0 ? "No copy is identified." : `No copy is identified. About ${missing} more slots are needed.`
}

/** Lists the partners that received the text unmarked. All of them hold the same text. */
function UnmarkedHolders({ polled }: { polled: AttributionAnswer["polled"] }) {
    const names = useNames()
    if (polled.length === 0) return null
    return (
        <Section title="Holders of the unmarked text">
            <Table
                caption="Partners that polled the unmarked text, by version"
                rows={polled}
                keyOf={({ artifact, version }) => `${artifact} ${version}`}
                columns={[
                    {
                        name: "Text",
                        cell: ({ artifact, version }) => `${names.artifact(artifact)}, version ${version}`,
                    },
                    { name: "Partners", cell: ({ partners }) => partners.map(names.partner).toSorted().join(", ") },
                ]}
            />
        </Section>
    )
}

/** Tells an identified viewer to stop here: the server gives them no key, and the other members keep the inquiry. */
function NamesYou({ owners }: { owners: readonly CopyOwner[] }) {
    const me = useMe()
    if (!owners.some(({ person }) => person === me.id)) return null
    return (
        <Notice tone="bad">
            A copy of yours is identified. Leave this evidence and its inquiries to another investigator. Your views are
            recorded, and you get no mark keys.
        </Notice>
    )
}

function Combinations({ best }: { best: Best }) {
    const names = useNames()
    if (best.together.length === 0) return null
    return (
        <ul className="listed">
            {best.together.map(({ partners, people, log10e }) => (
                <li key={[...partners, ...people].join(" ")}>
                    The copies of{" "}
                    {[
                        ...partners.map((partner) => names.recipient({ partner, person: null })),
                        ...people.map((person) => names.recipient({ partner: null, person })),
                    ].join(" and ")}{" "}
                    combined: {evidenceText(log10e)} times better than chance.
                </li>
            ))}
        </ul>
    )
}

/** The numbers behind the claim. */
export function AttributionFacts({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const { best, budget, untested, at } = attribution
    return (
        <Section title="Basis">
            <Facts
                items={[
                    ...(best === null ? [] : bestFacts(best, names)),
                    ["Tests", testsText(attribution)],
                    ["Not testable", untested === 1 ? "1 version" : `${untested} versions`],
                    ["Computed", <When key="at" at={at} short />],
                ]}
            />
            {budget !== null && <p className="muted small">{budget.text}</p>}
        </Section>
    )
}

function bestFacts(best: Best, names: Names): (readonly [string, string])[] {
    const { ranking, runnerUp, unmarked, typographyLayer, threshold } = best
    const second = ranking[1]
    return [
        ["Version", `${names.artifact(best.artifact)}, version ${best.version}`],
        ["Threshold", thresholdText(threshold)],
        ...(unmarked.explains
            ? []
            : [
                  ["Mismatches", `${ranking[0]?.mismatches ?? 0} with the best copy`] as const,
                  [
                      "Runner-up",
                      runnerUp === null || second === undefined
                          ? "none"
                          : `${names.recipient(runnerUp)}, ${evidenceText(second.log10e)}`,
                  ] as const,
              ]),
        ["Unmarked text", `${unmarked.fits} slots match it`],
        ...typographyFacts(typographyLayer, names),
    ]
}

/** The typography layer counts for nothing, and a copy is never named by it without saying so. */
function typographyFacts(layer: Best["typographyLayer"], names: Names): (readonly [string, string])[] {
    if (layer === null) return []
    const [first] = layer.fits
    const text =
        first === undefined
            ? `not readable: too few of ${layer.total} characters are left`
            : `${layer.read} of ${layer.total} characters read, best match ${names.recipient(first)} (log10 ${formatLog10e(first.log10e, 1)})`
    return [["Typography, not counted", text]]
}

function testsText({ tests, best }: AttributionAnswer): string {
    const versions = tests === 1 ? "1 version" : `${tests} versions`
    return best === null ? versions : `${versions}, ${best.tests} tests each`
}

/** Links to the partners whose copies are identified. */
export function IdentifiedPartners({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const partners = identifiedIn(attribution).flatMap(({ partner }) => partner ?? [])
    if (partners.length === 0) return null
    return (
        <Section title="Identified copy">
            <ul className="stack">
                {partners.map((partner) => (
                    <li key={partner}>
                        <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
                    </li>
                ))}
            </ul>
            <p className="muted small">
                The copy may be stolen, passed on or planted. Open an inquiry before you decide anything.
            </p>
        </Section>
    )
}
