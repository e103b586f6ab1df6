/** An attribution: the claim with its error bound, the evidence per copy, and the alternatives. */
import { Link } from "@tanstack/react-router"
import type { CopyOwner } from "@tocsin/marks/recipient"
import { formatLog10e } from "../../../../../server/src/trace/attribution/attribution.ts"
import { When } from "../../../kit/instant.tsx"
import { Notice } from "../../../kit/notice.tsx"
import { Facts, Section, Table } from "../../../kit/table.tsx"
import { type Names, useMe, useNames } from "../../artifacts/viewer.tsx"
import { errorBoundText, evidenceText, thresholdText } from "./e-value.ts"
import { EvidencePerCopy, listOf } from "./evidence-chart.tsx"
import { cautionTexts } from "./fixed-texts.ts"
import type { AttributionAnswer, Best, EvidenceAnswer } from "./evidence-reads.ts"
import { LeakHypotheses } from "./leak-hypotheses.tsx"
import { Comparison } from "./leak-view.tsx"
import { Quoted } from "./quoted-canaries.tsx"
import { decimalText, listText, locale, rich, t } from "../../../messages/message.ts"

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
                <Section title={t("Evidence per copy")}>
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
    const bound = errorBoundText(alpha)
    return (
        <section className="claim" aria-label={t("Attribution")}>
            <h2>
                <ClaimSentence attribution={attribution} />
            </h2>
            {polled.length === 0 && (
                <p>
                    {best === null
                        ? t(
                              "If all recipients are innocent, the chance that any copy is identified is at most {bound}. The result identifies a copy, not a person.",
                              { bound },
                          )
                        : t(
                              "{artifact}, version {version}. If all recipients are innocent, the chance that any copy is identified is at most {bound}. The result identifies a copy, not a person.",
                              { artifact: names.artifact(best.artifact), version: best.version, bound },
                          )}
                </p>
            )}
            <p className="caution">{cautionTexts[attribution.caution]}</p>
        </section>
    )
}

function ClaimSentence({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const identified = identifiedIn(attribution)
    const { best, polled } = attribution
    if (identified.length > 0) {
        const owners = identified.map((ranked) =>
            rich("<b>{recipient}</b> {factor} times", {
                recipient: names.recipient(ranked),
                factor: evidenceText(ranked.log10e),
                b: (text) => <b>{text}</b>,
            }),
        )
        return rich(
            "The text matches {count, plural, one {the copy} other {the copies}} of {owners} better than chance.",
            { count: owners.length, owners: listOf(owners) },
        )
    }
    if (polled.length > 0) return t("The text is the unmarked text that machines polled. No copy is identified.")
    const missing = best?.missingSlots ?? 0
    return missing === 0
        ? t("No copy is identified.")
        : t("No copy is identified. About {missing, plural, one {# more slot is} other {# more slots are}} needed.", {
              missing,
          })
}

/** Lists the partners that received the text unmarked. All of them hold the same text. */
function UnmarkedHolders({ polled }: { polled: AttributionAnswer["polled"] }) {
    const names = useNames()
    if (polled.length === 0) return null
    return (
        <Section title={t("Holders of the unmarked text")}>
            <Table
                caption={t("Partners that polled the unmarked text, by version")}
                rows={polled}
                keyOf={({ artifact, version }) => `${artifact} ${version}`}
                columns={[
                    {
                        name: t("Text"),
                        cell: ({ artifact, version }) =>
                            t("{artifact}, version {version}", { artifact: names.artifact(artifact), version }),
                    },
                    { name: t("Partners"), cell: ({ partners }) => partners.map(names.partner).toSorted().join(", ") },
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
            {t(
                "A copy of yours is identified. Leave this evidence and its inquiries to another investigator. Your views are recorded, and you get no mark keys.",
            )}
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
                    {t("The copies of {recipients} combined: {factor} times better than chance.", {
                        recipients: listText([
                            ...partners.map((partner) => names.recipient({ partner, person: null })),
                            ...people.map((person) => names.recipient({ partner: null, person })),
                        ]),
                        factor: evidenceText(log10e),
                    })}
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
        <Section title={t("Basis")}>
            <Facts
                items={[
                    ...(best === null ? [] : bestFacts(best, names)),
                    [t("Tests"), testsText(attribution)],
                    [
                        t("Not testable"),
                        t("{versions, plural, one {# version} other {# versions}}", { versions: untested }),
                    ],
                    [t("Computed"), <When key="at" at={at} short />],
                ]}
            />
            {budget !== null && (
                <p className="muted small">
                    {spendingText(budget)}{" "}
                    {budget.restored &&
                        t(
                            "Tries were made before the database was restored. Their results are lost. The slots that they showed no longer count.",
                        )}
                </p>
            )}
        </Section>
    )
}

type Spending = NonNullable<AttributionAnswer["budget"]>

/** Says what the tries on a case spent of its error bound, what is left, and which slots of this text counted. */
const spendingText = ({ incident, attempts, fresh, before, spent, left }: Spending): string =>
    t(
        "Try {attempts} on this leak. {before, plural, =0 {All {fresh} slots that the text shows were weighed for the first time.} one {{fresh} slots were weighed for the first time. # other was counted by an earlier try, and counts once.} other {{fresh} slots were weighed for the first time. # others were counted by earlier tries, and count once.}} {isAnother, select, true {The text contradicts earlier texts of this version: it is another leak. } other {}}Over all tries on the leaks of this case, an innocent recipient is identified with probability {spent} at most. {left} of that is left for later recipients, versions and leaks: they need more evidence to be identified.",
        {
            attempts,
            fresh,
            before,
            isAnother: String(incident > 1),
            spent: spent.toLocaleString(locale, { maximumSignificantDigits: 3, roundingMode: "ceil" }),
            left: left.toLocaleString(locale, {
                style: "percent",
                maximumSignificantDigits: 2,
                roundingMode: "floor",
            }),
        },
    )

function bestFacts(best: Best, names: Names): (readonly [string, string])[] {
    const { ranking, runnerUp, unmarked, typographyLayer, threshold } = best
    const second = ranking[1]
    return [
        [
            t("Version"),
            t("{artifact}, version {version}", { artifact: names.artifact(best.artifact), version: best.version }),
        ],
        [t("Threshold"), thresholdText(threshold)],
        ...(unmarked.explains
            ? []
            : [
                  [
                      t("Mismatches"),
                      t("{mismatches} with the best copy", { mismatches: ranking[0]?.mismatches ?? 0 }),
                  ] as const,
                  [
                      t("Runner-up"),
                      runnerUp === null || second === undefined
                          ? t("none")
                          : `${names.recipient(runnerUp)}, ${evidenceText(second.log10e)}`,
                  ] as const,
              ]),
        [
            t("Unmarked text"),
            t("{slots, plural, one {# slot matches it} other {# slots match it}}", { slots: unmarked.fits }),
        ],
        ...typographyFacts(typographyLayer, names),
    ]
}

/** The typography layer counts for nothing, and a copy is never named by it without saying so. */
function typographyFacts(layer: Best["typographyLayer"], names: Names): (readonly [string, string])[] {
    if (layer === null) return []
    const [first] = layer.fits
    const text =
        first === undefined
            ? t("not readable: too few of {total} characters are left", { total: layer.total })
            : t("{read} of {total} characters read, best match {recipient} (log10 {evidence})", {
                  read: layer.read,
                  total: layer.total,
                  recipient: names.recipient(first),
                  evidence: decimalText(Number(formatLog10e(first.log10e, 1)), 1),
              })
    return [[t("Typography, not counted"), text]]
}

function testsText({ tests, best }: AttributionAnswer): string {
    return best === null
        ? t("{versions, plural, one {# version} other {# versions}}", { versions: tests })
        : t(
              "{versions, plural, one {# version} other {# versions}}, {tests, plural, one {# test} other {# tests}} each",
              { versions: tests, tests: best.tests },
          )
}

/** Links to the partners whose copies are identified. */
export function IdentifiedPartners({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const partners = identifiedIn(attribution).flatMap(({ partner }) => partner ?? [])
    if (partners.length === 0) return null
    return (
        <Section title={t("Identified copy")}>
            <ul className="stack">
                {partners.map((partner) => (
                    <li key={partner}>
                        <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
                    </li>
                ))}
            </ul>
            <p className="muted small">
                {t("The copy may be stolen, passed on or planted. Open an inquiry before you decide anything.")}
            </p>
        </Section>
    )
}
