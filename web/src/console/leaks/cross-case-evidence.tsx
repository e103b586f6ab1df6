/** Cross-case evidence: weighs all leaks of all cases together, and shows what each counts. */
import { Link } from "@tanstack/react-router"
import { type AnswerTo, useLook } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Facts, Section, Table } from "../../kit/table.tsx"
import { errorBoundText } from "./evidence/e-value.ts"
import { cautionTexts, scaleTexts } from "./evidence/fixed-texts.ts"
import { EvidencePerCopy } from "./evidence/evidence-chart.tsx"
import { nameOfEvidence, useEvidence } from "./evidence/evidence-reads.ts"
import { useNames } from "../artifacts/viewer.tsx"
import { nameOr } from "../../kit/text.ts"
import { locale, t } from "../../messages/message.ts"

type Answer = AnswerTo<"/api/cross-case-evidence">

interface Counted {
    readonly evidence: string
    readonly artifact: string
    readonly version: number
    readonly share: number
}

/** Each view is recorded, so this screen does not reload automatically. */
export function CrossCaseEvidence() {
    const look = useLook("/api/cross-case-evidence")
    return (
        <Page
            title={t("Cross-case evidence")}
            lead={t("Do the leaks of all cases together identify a recipient's copies?")}
            aside={
                <Button look="quiet" onPress={() => void look.refetch()}>
                    {t("Reload")}
                </Button>
            }
        >
            <Loaded query={look}>
                {(evidence) =>
                    evidence.leaks.length === 0 ? (
                        <>
                            <Empty title={t("No leak fits a copy yet.")}>
                                {evidence.added === 0
                                    ? t("Add a leak under Evidence.")
                                    : t(
                                          "{added, plural, one {# leak is added. It fits no copy.} other {# leaks are added. None of them fits a copy.}}",
                                          { added: evidence.added },
                                      )}
                            </Empty>
                            <p className="caution">{cautionTexts[evidence.caution]}</p>
                        </>
                    ) : (
                        <Combined evidence={evidence} />
                    )
                }
            </Loaded>
        </Page>
    )
}

function Combined({ evidence }: { evidence: Answer }) {
    return (
        <Columns
            rail={
                <Section title={t("Basis")}>
                    <Facts
                        items={[
                            [
                                t("Error bound"),
                                t("{bound}, over all leaks and views", { bound: errorBoundText(evidence.alpha) }),
                            ],
                            [
                                t("Recipients"),
                                t("{recipients} of at most {max}", {
                                    recipients: evidence.ranking.length.toLocaleString(locale),
                                    max: evidence.places.toLocaleString(locale),
                                }),
                            ],
                            [t("Leaks"), leakCounts(evidence)],
                        ]}
                    />
                    <p className="muted small">{scaleTexts[evidence.scale]}</p>
                    <p className="muted small">{t("Timing, canaries and partners' reports do not count here.")}</p>
                </Section>
            }
        >
            {evidence.isFull && (
                <Notice tone="due">
                    {t("More than {max} recipients had copies. Cross-case evidence no longer identifies a copy.", {
                        max: evidence.places,
                    })}
                </Notice>
            )}
            <Section title={t("Evidence per recipient")}>
                <EvidencePerCopy subject={evidence} alpha={evidence.alpha} />
                <p className="caution">{cautionTexts[evidence.caution]}</p>
            </Section>
            <Section title={t("Leaks")} count={evidence.leaks.length}>
                <Leaks counted={evidence.leaks} />
            </Section>
        </Columns>
    )
}

function leakCounts({ added, leaks, deleted }: Answer): string {
    return t(
        "{added} added: {fitting, plural, one {# fits} other {# fit}} a copy, {others, plural, one {# fits} other {# fit}} none, {deleted} deleted",
        { added, fitting: leaks.length, others: added - leaks.length - deleted, deleted },
    )
}

function Leaks({ counted }: { counted: readonly Counted[] }) {
    const read = useEvidence()
    const evidences = read.data?.evidence ?? []
    const names = useNames()
    const evidence = (id: string) => evidences.find((evidence) => evidence.id === id)
    return (
        <Table
            caption={t("Leaks in the order in which they were attributed")}
            rows={counted}
            keyOf={(counted) => counted.evidence}
            columns={[
                {
                    name: t("Leak"),
                    cell: ({ evidence: id }) => {
                        const item = evidence(id)
                        return (
                            <Link to={`/leaks/evidence/${id}`}>
                                {nameOr(item && nameOfEvidence(item), "evidence", read.isLoading)}
                            </Link>
                        )
                    },
                },
                {
                    name: t("Version"),
                    cell: ({ artifact, version }) =>
                        t("{artifact}, version {version}", { artifact: names.artifact(artifact), version }),
                },
                { name: t("Weight within its version"), cell: ({ share }) => shareInWords(share), end: true },
            ]}
        />
    )
}

function shareInWords(share: number): string {
    return share === 0 ? t("none: an earlier leak shows the same") : `1/${Math.round(1 / share)}`
}
