/** A tester's verdict about an artifact that it holds: visible to its author, and to no other partner. */
import type { ReactNode } from "react"
import { environmentMax, verdicts } from "@tocsin/client/limits"
import { countMax, isTestable } from "../../../../server/src/share/delivery/test-result.ts"
import { useRead, writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { verdictWords } from "../../kit/text.ts"
import { partName, type TestResult, type Part, type Warning } from "../answers.ts"
import { useWhyNot } from "../viewer.ts"
import { rich, t, valueText } from "../../messages/message.ts"

/** Shows a warning's test results; nothing if the viewer's partner is no tester or there is nothing to test. */
export function ResultsSection({ warning }: { warning: Warning }) {
    const answer = useRead("/api/test-results").data
    const parts = warning.artifacts.filter((part) => isTestable(part.class) && part.available)
    if (!answer?.tester || parts.length === 0) return null
    const lastOf = (part: Part) => answer.results.find((ownResult) => ownResult.artifact === part.id)
    return (
        <Section title={t("Test results")}>
            <Table
                caption={t("Your test results")}
                rows={parts}
                keyOf={({ id }) => id}
                columns={[
                    {
                        name: t("Artifact"),
                        cell: (part) => (
                            <>
                                <strong>{partName(part)}</strong> <span className="muted">{valueText(part.class)}</span>
                            </>
                        ),
                    },
                    { name: t("Your verdict"), cell: (part) => <Last ownResult={lastOf(part)} /> },
                    { name: t("Actions"), cell: (part) => <Report part={part} last={lastOf(part)} />, end: true },
                ]}
            />
        </Section>
    )
}

function Last({ ownResult }: { ownResult: TestResult | undefined }) {
    if (ownResult === undefined) return <span className="muted">{t("none yet")}</span>
    return (
        <span className="row">
            <Badge tone={verdictWords[ownResult.verdict].tone}>{verdictWords[ownResult.verdict].name}</Badge>
            <span className="muted">
                {rich("version {version}, {reportedAt}", {
                    version: ownResult.version,
                    reportedAt: <When at={ownResult.at} short />,
                })}
            </span>
        </span>
    )
}

const isCount = (value: string): string | null =>
    value.trim() === "" || (/^\s*\d{1,10}\s*$/.test(value) && Number(value) <= countMax)
        ? null
        : t("a whole number up to {max}", { max: countMax })
const countIn = (value = ""): number | null => (value.trim() === "" ? null : Number(value))

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

function Report({ part, last }: { part: Part; last: TestResult | undefined }) {
    const whyNot = useWhyNot()
    const held = part.holds.map(({ version }) => String(version)).toReversed()
    const isAgain = last !== undefined && String(last.version) === held[0]
    const count = {
        kind: "number" as const,
        optional: true,
        check: isCount,
        hint: t("Leave empty if you did not count."),
    }
    return (
        <FormDialog
            button={
                isAgain
                    ? rich("Correct… <unseen>the result of {artifact}</unseen>", { artifact: partName(part), unseen })
                    : rich("Report… <unseen>the result of {artifact}</unseen>", { artifact: partName(part), unseen })
            }
            title={t("Test result of {artifact}", { artifact: partName(part) })}
            submit={t("Report result")}
            disabledReason={held.length === 0 ? t("fetch the copy first") : whyNot("test_result:own")}
            requests={[
                {
                    name: "version",
                    label: t("Version"),
                    kind: "choice",
                    from: held.map((value) => ({ value, name: value })),
                },
                {
                    name: "verdict",
                    label: t("Verdict"),
                    kind: "choice",
                    from: verdicts.map((value) => ({ value, name: verdictWords[value].name })),
                },
                { name: "hits", label: t("Hits"), ...count },
                { name: "falsePositives", label: t("False positives"), ...count },
                {
                    name: "environment",
                    label: t("How you tested"),
                    kind: "text",
                    optional: true,
                    length: { min: 0, max: environmentMax },
                },
            ]}
            write={({ version, verdict, hits, falsePositives, environment }) =>
                writeTo("POST", `/api/artifacts/${part.id}/test-results`, {
                    version: Number(version),
                    verdict,
                    environment,
                    hits: countIn(hits),
                    falsePositives: countIn(falsePositives),
                })
            }
        >
            <p className="muted">
                {t(
                    "The authors see the result with your name. Other partners do not. A newer result for the same version replaces the earlier one.",
                )}
            </p>
        </FormDialog>
    )
}
